using System.Collections.Concurrent;
using System.Collections.Frozen;
using FastGate.Llm.Settings;

namespace FastGate.Llm.Catalog;

/// <summary>One configuration and the clients created under it. A reload replaces the whole state.</summary>
internal sealed class LlmCatalogState(LlmConfiguration configuration)
{
    /// <summary>Bounds the warnings and their memory: devices may send any purpose.</summary>
    private const int MaxWarnings = 256;

    private readonly ConcurrentDictionary<string, bool> _warned = new(StringComparer.Ordinal);

    // Resolving builds explanation texts; known purposes are resolved once.
    private readonly FrozenDictionary<string, LlmResolution> _resolutions = LlmConfiguration.KnownPurposes
        .Union(configuration.Purposes, StringComparer.Ordinal)
        .ToFrozenDictionary(static purpose => purpose, configuration.Resolve, StringComparer.Ordinal);

    public LlmConfiguration Configuration { get; } = configuration;

    /// <summary>Lazy, so that concurrent calls create one client. The entry of a failed creation is removed; the next call tries again.</summary>
    public ConcurrentDictionary<LlmProviderSettings, Lazy<LlmInstance>> Instances { get; } = new();

    /// <summary>All settings that this configuration can resolve to.</summary>
    public IReadOnlySet<LlmProviderSettings> Reachable { get; } =
        configuration.Purposes.Select(purpose => configuration.Resolve(purpose).Settings).Append(configuration.DefaultSettings).ToHashSet();

    public LlmResolution Resolve(string? purpose) =>
        _resolutions.TryGetValue(LlmConfiguration.NormalizePurpose(purpose), out LlmResolution? known) ? known : Configuration.Resolve(purpose);

    /// <summary>True once per subject, up to <see cref="MaxWarnings"/> subjects.</summary>
    public bool WarnOnce(string subject) => _warned.Count < MaxWarnings && _warned.TryAdd(subject, true);
}
