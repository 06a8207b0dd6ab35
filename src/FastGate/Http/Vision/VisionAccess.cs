using FastGate.Auth;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Validation;
using FastGate.Llm.Catalog;
using FastGate.Llm.Settings;
using FastGate.Tools.Device;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Vision;

/// <summary>Whether pictures can be explained, and the address and token for a device that has a camera.</summary>
internal sealed class VisionAccess(
    GatewayConfiguration configuration, VisionTokens tokens, VisionAddresses addresses, LlmCatalog catalog, TimeProvider time) : IVisionAccess
{
    /// <summary>The address that the operator has configured for devices; null without one.</summary>
    public string? ConfiguredUrl => configuration.Current.Vision.Url is { } url ? WebAddress.Public(url) : null;

    public VisionGrant? GrantFor(string deviceId) => WhyNot() is null && tokens.Issue(deviceId, time.GetUtcNow()) is { } token
        ? new VisionGrant(ConfiguredUrl ?? addresses.Find(deviceId), token)
        : null;

    /// <summary>Keeps the address that a device used for OTA, where it is of use.</summary>
    public void Reached(string deviceId, HttpContext context)
    {
        if (WhyNot() is null)
        {
            addresses.Remember(deviceId, context, configuration.Current.Http);
        }
    }

    /// <summary>
    /// Why no picture can be explained; null when a model is configured for them. The default model is not asked: one that takes text only would
    /// answer without having seen the picture.
    /// </summary>
    public string? WhyNot()
    {
        LlmConfiguration llm = catalog.Configuration;
        if (!llm.Purposes.Contains(LlmConfiguration.VisionPurpose))
        {
            return "no model is configured for pictures: set FastGate:Llm:ByMode:vision";
        }

        LlmResolution resolution = llm.Resolve(LlmConfiguration.VisionPurpose);
        return resolution.Settings.Type is LlmProviderTypes.OpenAi or LlmProviderTypes.Anthropic
            ? null
            : $"the provider '{resolution.Alias}' of FastGate:Llm:ByMode:vision is of type {resolution.Settings.Type}, which takes no pictures";
    }
}
