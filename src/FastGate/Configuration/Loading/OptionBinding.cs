using FastGate.Configuration.Options;
using Microsoft.Extensions.Configuration;

namespace FastGate.Configuration.Loading;

/// <summary>Binds keys to the option records.</summary>
internal static class OptionBinding
{
    /// <summary>The section <c>FastGate</c> with these keys, which have no prefix.</summary>
    public static IConfigurationSection SectionOf(Dictionary<string, string?> keys) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(keys.Select(static key => KeyValuePair.Create($"{GatewayOptions.Section}:{key.Key}", key.Value)))
            .Build()
            .GetSection(GatewayOptions.Section);

    /// <summary>A section without keys has every default.</summary>
    public static GatewayOptions Bind(IConfigurationSection section) => WithDefaultLists(section.Get<GatewayOptions>() ?? new GatewayOptions());

    /// <summary>The binder appends to a list, so the records' lists are empty until here.</summary>
    private static GatewayOptions WithDefaultLists(GatewayOptions options) => options with
    {
        Session = options.Session with
        {
            WakeupWords = options.Session.WakeupWords.Count > 0 ? options.Session.WakeupWords : SessionOptions.DefaultWakeupWords,
            ExitCommands = options.Session.ExitCommands.Count > 0 ? options.Session.ExitCommands : SessionOptions.DefaultExitCommands,
        },
    };
}
