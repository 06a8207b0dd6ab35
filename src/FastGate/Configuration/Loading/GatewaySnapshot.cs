using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;
using FastGate.Configuration.Xiaozhi;
using FastGate.Llm.Settings;
using FastGate.Speech.Settings;
using FastGate.Tools.Settings;

namespace FastGate.Configuration.Loading;

/// <summary>One complete, validated and immutable state of the configuration.</summary>
/// <param name="Options">The bound options.</param>
/// <param name="Llm">The parsed section <c>FastGate:Llm</c>.</param>
/// <param name="Speech">The providers of the section <c>FastGate:Speech</c>.</param>
/// <param name="Mcp">The MCP servers of the section <c>FastGate:Mcp</c>.</param>
/// <param name="Keys">Every key below <c>FastGate</c> with its value, to find what a reload changes.</param>
/// <param name="Unknown">Keys that are not in the schema, with the nearest one that is.</param>
/// <param name="Ignored">Keys of the old server's files that FastGate does not use.</param>
/// <param name="Notes">Warnings about places of the files.</param>
internal sealed record GatewaySnapshot(
    GatewayOptions Options,
    LlmConfiguration Llm,
    SpeechConfiguration Speech,
    McpConfiguration Mcp,
    IReadOnlyDictionary<string, string?> Keys,
    IReadOnlyList<UnknownKey> Unknown,
    IReadOnlyList<XiaozhiIgnored> Ignored,
    IReadOnlyList<ConfigurationNote> Notes)
{
    /// <summary>The keys whose value differs, in ordinal order.</summary>
    public IEnumerable<string> ChangedKeys(GatewaySnapshot before) => before.Keys.Keys.Union(Keys.Keys, StringComparer.OrdinalIgnoreCase)
        .Where(key => before.Keys.GetValueOrDefault(key) != Keys.GetValueOrDefault(key))
        .Order(StringComparer.Ordinal);

    /// <summary>Whether no key below a path differs.</summary>
    public bool IsSameBelow(string root, GatewaySnapshot before) => !ChangedKeys(before).Any(key => OptionPath.IsAtOrBelow(key, root));
}
