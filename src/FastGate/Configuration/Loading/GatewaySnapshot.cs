using System.Collections.Frozen;
using FastGate.Configuration.Options;
using Microsoft.Extensions.Configuration;

namespace FastGate.Configuration.Loading;

/// <summary>One state of the configuration, whole and validated; it never changes.</summary>
/// <param name="Options">The bound options.</param>
/// <param name="Llm">The section <c>FastGate:Llm</c> as it was read.</param>
/// <param name="Keys">Every key below <c>FastGate</c> with its value, to tell what a reload changes.</param>
/// <param name="Origins">Of the keys that the old server's file decides, the place in it.</param>
/// <param name="Unknown">Keys nothing reads, with the nearest key there is.</param>
/// <param name="Ignored">Keys of the old server's file that mean nothing here.</param>
internal sealed record GatewaySnapshot(
    GatewayOptions Options,
    IConfigurationSection Llm,
    FrozenDictionary<string, string?> Keys,
    IReadOnlyDictionary<string, string> Origins,
    IReadOnlyList<(string Key, string Nearest)> Unknown,
    IReadOnlyList<string> Ignored)
{
    /// <summary>Whether nothing below a path differs.</summary>
    public bool IsSameBelow(string root, GatewaySnapshot other) => Count(root) == other.Count(root)
        && Keys.Where(key => OptionSchema.IsAtOrBelow(key.Key, root)).All(key => other.Keys.TryGetValue(key.Key, out string? value) && value == key.Value);

    /// <summary>A failure that begins with its whole key and a colon, with the place that key came from.</summary>
    public string WithOrigin(string failure)
    {
        const string Head = GatewayOptions.Section + ":";
        int end = failure.IndexOf(": ", StringComparison.Ordinal);
        return end > Head.Length && failure.StartsWith(Head, StringComparison.Ordinal) && Origins.TryGetValue(failure[Head.Length..end], out string? origin)
            ? $"{failure[..end]} (from {origin}){failure[end..]}"
            : failure;
    }

    private int Count(string root) => Keys.Keys.Count(key => OptionSchema.IsAtOrBelow(key, root));
}
