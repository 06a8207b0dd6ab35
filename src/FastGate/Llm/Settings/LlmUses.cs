using System.Net;
using System.Net.Sockets;
using FastGate.Configuration.Validation;
using Microsoft.Extensions.Configuration;

namespace FastGate.Llm.Settings;

/// <summary>
/// Judges providers by their use: a wrong setting is an error where a purpose or the default uses it, and a warning elsewhere. A published
/// configuration lists many providers of which its owner has filled in one.
/// </summary>
internal sealed class LlmUses(LlmWarnings warnings, List<string> errors)
{
    private readonly HashSet<string> _aliases = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _problems = [];
    private readonly HashSet<LlmPlaceholder> _placeholders = [];
    private readonly HashSet<LlmPlaceholder> _reported = [];

    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Reports what is wrong with settings that are used. Returns why calls will probably fail, or null.</summary>
    public string? Add(string alias, LlmSettingLayer effective, LlmProviderSettings settings)
    {
        _aliases.Add(alias);
        _placeholders.UnionWith(effective.Placeholders);
        if (!LlmProviderTypes.IsKnown(settings.Type))
        {
            return null;
        }

        AddErrors(effective.Errors);
        if (settings.Type == LlmProviderTypes.Echo)
        {
            return null;
        }

        if (settings.BaseUrl is null && effective.PlaceholderOf(LlmSetting.BaseUrl) is { } address)
        {
            _reported.Add(address);
            AddErrors([OptionFailure.Text(address.Key, address.Text, $"{LlmSetting.BaseUrl.Allowed} and no placeholder, because '{alias}' is used")]);
        }

        return settings.Model is null && effective.PlaceholderOf(LlmSetting.Model) is { } model ? Problem(model, $"the model of '{alias}' is a placeholder")
            : effective.PlaceholderOf(LlmSetting.ApiKey) is { } key && !IsLocal(settings.BaseUrl) ? Problem(key, $"the API key of '{alias}' is a placeholder")
            : null;
    }

    /// <summary>Called after the last use.</summary>
    public void WarnUnused(IReadOnlyDictionary<string, LlmSettingLayer> providers, IConfigurationSection section)
    {
        foreach (LlmPlaceholder placeholder in _placeholders.Concat(providers.Values.SelectMany(static provider => provider.Placeholders)).Except(_reported))
        {
            warnings.AddOfFile(placeholder.Key, "a placeholder, which counts as not set.");
        }

        foreach ((string alias, LlmSettingLayer provider) in providers)
        {
            foreach (string error in provider.Errors.Where(error => !errors.Contains(error)))
            {
                string key = OptionFailure.KeyOf(error);
                warnings.Add(key, $"{error[key.Length..].TrimStart()}; ignored, because nothing uses it.");
            }

            if (!_aliases.Contains(alias) && !LlmProviderTypes.IsKnown(provider.Type) && provider.Type != LlmProviderTypes.None &&
                section.GetSection(alias).GetChildren().FirstOrDefault(static child => LlmSetting.Find(child.Key) == LlmSetting.Type) is { } type)
            {
                warnings.AddOfFile(type.Path, $"{LlmProviderTypes.Advice(provider.Type)}; nothing uses it.");
            }
        }
    }

    private void AddErrors(IEnumerable<string> found) => errors.AddRange(found.Where(error => !errors.Contains(error)));

    private string Problem(LlmPlaceholder placeholder, string problem)
    {
        _reported.Add(placeholder);
        if (!_problems.Contains(problem))
        {
            _problems.Add(problem);
            warnings.AddOwn(placeholder.Key, $"{problem}, so its calls will probably fail.");
        }

        return problem;
    }

    /// <summary>A server on this machine or in a private network usually needs no key.</summary>
    private static bool IsLocal(string? address) => Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) &&
        (uri.IsLoopback || !uri.Host.Contains('.') || (IPAddress.TryParse(uri.Host, out IPAddress? ip) && ip.AddressFamily == AddressFamily.InterNetwork &&
            ip.GetAddressBytes() is [10, ..] or [192, 168, ..] or [172, >= 16 and <= 31, ..]));
}
