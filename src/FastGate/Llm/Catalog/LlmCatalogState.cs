using System.Collections.Concurrent;
using System.Collections.Frozen;
using FastGate.Llm.Settings;

namespace FastGate.Llm.Catalog;

/// <summary>One configuration and the instances made under it; replaced as a whole when the configuration changes.</summary>
internal sealed class LlmCatalogState(LlmConfiguration configuration)
{
    /// <summary>Purposes beyond this many are resolved each time and warned of no more: names may come from devices.</summary>
    private const int MaxWarnings = 256;

    private readonly ConcurrentDictionary<string, bool> _warned = new(StringComparer.Ordinal);

    // A resolution is a function of the configuration, and makes texts that explain it: once is enough for the purposes that are known.
    private readonly FrozenDictionary<string, LlmResolution> _resolutions = LlmConfiguration.KnownPurposes
        .Union(configuration.Purposes, StringComparer.Ordinal)
        .ToFrozenDictionary(static purpose => purpose, configuration.Resolve, StringComparer.Ordinal);

    public LlmConfiguration Configuration { get; } = configuration;

    /// <summary>Lazy, so that racing turns make one instance; an entry whose making failed is removed, so that the next turn tries again.</summary>
    public ConcurrentDictionary<LlmProviderSettings, Lazy<LlmInstance>> Instances { get; } = new();

    public LlmResolution Resolve(string? purpose) =>
        _resolutions.TryGetValue(LlmConfiguration.NormalizePurpose(purpose), out LlmResolution? known) ? known : Configuration.Resolve(purpose);

    /// <summary>True once for each subject and configuration.</summary>
    public bool WarnOnce(string subject) => _warned.Count < MaxWarnings && _warned.TryAdd(subject, true);

    /// <summary>Every setting this configuration can lead to.</summary>
    public IReadOnlySet<LlmProviderSettings> Reachable { get; } =
        configuration.Purposes.Select(purpose => configuration.Resolve(purpose).Settings).Append(configuration.DefaultSettings).ToHashSet();
}
