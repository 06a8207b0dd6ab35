using FastGate.Configuration.Validation;
using Microsoft.Extensions.Configuration;

namespace FastGate.Llm.Settings;

/// <summary>
/// The parsed section <c>FastGate:Llm</c>. Immutable. A configuration with <see cref="Errors"/> must not be applied.
/// </summary>
internal sealed class LlmConfiguration
{
    public const string ChatPurpose = "chat";
    public const string MemoryPurpose = "memory";
    public const string VisionPurpose = "vision";
    public const string DefaultEntry = "default";

    private readonly Dictionary<string, LlmSettingLayer> _providers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ResolvedEntry> _entries = new(StringComparer.OrdinalIgnoreCase);
    private readonly LlmTimeouts _timeouts;
    private readonly LlmWarnings _warnings;
    private readonly LlmUses _uses;
    private readonly List<string> _errors = [];

    private LlmConfiguration(IConfigurationSection section, LlmTimeouts timeouts, Func<string, string?> originOf)
    {
        _timeouts = timeouts;
        _warnings = new LlmWarnings(originOf);
        _uses = new LlmUses(_warnings, _errors);
        var reader = new LlmSettingReader(_warnings);
        ReadProviders(section.GetSection("Providers"), reader);
        string? chosen = LlmSettingReader.Text(section["Default"]);
        DefaultIsChosen = chosen is not null;
        Default = chosen ?? LlmProviderTypes.Echo;
        CheckDefault($"{section.Path}:Default");
        LlmSettingLayer standard = _providers.GetValueOrDefault(Default, LlmSettingLayer.Empty);
        DefaultSettings = standard.ToSettings(timeouts);
        DefaultProblem = _uses.Add(Default, standard, DefaultSettings);
        foreach (IConfigurationSection entry in section.GetSection("ByMode").GetChildren())
        {
            if (ReadEntry(entry, reader) is { } read)
            {
                _entries[entry.Key.Trim().ToLowerInvariant()] = Resolve(read, entry.Path);
            }
        }

        _uses.WarnUnused(_providers, section.GetSection("Providers"));
        ShareConcurrency();
    }

    /// <summary>The purposes that the gateway itself uses; shown even when nothing is configured for them.</summary>
    public static IReadOnlyList<string> KnownPurposes { get; } = [ChatPurpose, MemoryPurpose, "intent", "meeting", "coding", "working"];

    /// <summary>The configuration of a gateway without LLM settings: the built-in echo.</summary>
    public static LlmConfiguration Embedded { get; } = Read(new ConfigurationBuilder().Build().GetSection("FastGate:Llm"));

    /// <summary>Alias of the provider that everything falls back to.</summary>
    public string Default { get; }

    /// <summary>
    /// Whether the operator chose the default. The built-in echo must not answer an outage by repeating the users' words, so without a chosen
    /// default a failed provider has no fallback.
    /// </summary>
    public bool DefaultIsChosen { get; }

    public LlmProviderSettings DefaultSettings { get; private set; }

    /// <summary>Why calls of the default provider will probably fail; null when nothing is known.</summary>
    public string? DefaultProblem { get; }

    /// <summary>Of every provider that a purpose uses: why its calls will probably fail.</summary>
    public IReadOnlyList<string> Problems => _uses.Problems;

    public IReadOnlyList<string> Warnings => _warnings.Own;

    /// <summary>Warnings about keys of the old server's file.</summary>
    public IReadOnlyList<(string Key, string Text)> FileWarnings => _warnings.OfFile;

    public IReadOnlyList<string> Errors => _errors;

    public IEnumerable<string> Purposes => _entries.Keys;

    /// <param name="section">The section <c>FastGate:Llm</c>.</param>
    /// <param name="timeouts">The bound <c>Llm:Timeouts</c>, which apply where a provider or an override sets none.</param>
    /// <param name="originOf">The place of a key in the old server's file; null for a key that does not come from there.</param>
    public static LlmConfiguration Read(IConfigurationSection section, LlmTimeouts? timeouts = null, Func<string, string?>? originOf = null) =>
        new(section, timeouts ?? new LlmTimeouts(), originOf ?? (static _ => null));

    public static string NormalizePurpose(string? purpose)
    {
        string? name = purpose?.Trim().ToLowerInvariant();
        return string.IsNullOrEmpty(name) ? ChatPurpose : name;
    }

    /// <summary>The purpose's entry, else the entry <c>default</c>, else the default provider.</summary>
    public LlmResolution Resolve(string? purpose)
    {
        string name = NormalizePurpose(purpose);
        if (_entries.TryGetValue(name, out ResolvedEntry? entry))
        {
            return entry.For(name, unlisted: false, $"entry '{name}'");
        }

        // Without any entry there is nothing to warn about.
        bool unlisted = _entries.Count > 0 && name != DefaultEntry;
        return _entries.TryGetValue(DefaultEntry, out entry)
            ? entry.For(name, unlisted, $"no entry '{name}', so the entry 'default'")
            : new LlmResolution(name, Default, DefaultSettings, LlmSettingLayer.Empty, unlisted, null,
                name == DefaultEntry ? $"no entry 'default', so the default provider '{Default}'"
                : $"neither an entry '{name}' nor 'default', so the default provider '{Default}'")
            {
                Problem = DefaultProblem,
            };
    }

    private void ReadProviders(IConfigurationSection section, LlmSettingReader reader)
    {
        foreach (IConfigurationSection provider in section.GetChildren())
        {
            LlmSettingLayer settings = reader.Read(provider, static key => LlmSetting.Find(key) is not null);
            _providers[provider.Key] = settings;

            // The keys of an unsupported type are not worth a warning each: the type itself is reported if a purpose uses it.
            if (LlmProviderTypes.IsKnown(settings.Type))
            {
                reader.WarnUnknown(provider.GetChildren());
            }
        }

        _providers.TryAdd(LlmProviderTypes.Echo, LlmSettingLayer.Echo);
    }

    private void CheckDefault(string path)
    {
        if (!_providers.TryGetValue(Default, out LlmSettingLayer? provider))
        {
            _errors.Add(OptionFailure.Text(path, Default, $"one of the providers {string.Join(", ", _providers.Keys)}"));
        }
        else if (!LlmProviderTypes.IsKnown(provider.Type))
        {
            _errors.Add(OptionFailure.Text(path, Default, $"a provider of a supported type ({LlmProviderTypes.Advice(provider.Type)})"));
        }
    }

    /// <summary>Null, with a warning, for an entry that says nothing.</summary>
    private LlmModeEntry? ReadEntry(IConfigurationSection entry, LlmSettingReader reader)
    {
        string? text = LlmSettingReader.Text(entry.Value);
        if (!entry.GetChildren().Any())
        {
            if (text is null)
            {
                _warnings.Add(entry.Path, "names no alias; ignored.");
            }

            return text is null ? null : new LlmModeEntry(text, LlmSettingLayer.Empty);
        }

        // An object wins over a string that another source left at the same key, but the string may still be its alias.
        string? alias = LlmModeEntry.AliasKeys.Select(key => LlmSettingReader.Text(entry[key])).FirstOrDefault(static value => value is not null) ?? text;
        IConfigurationSection? overrides = entry.GetChildren().FirstOrDefault(static child => LlmModeEntry.IsOverrides(child.Key));
        if (overrides is null)
        {
            return new LlmModeEntry(alias, reader.Read(entry, static key => !LlmModeEntry.IsAlias(key)));
        }

        foreach (IConfigurationSection child in entry.GetChildren().Where(static child => !LlmModeEntry.IsAlias(child.Key) && !LlmModeEntry.IsOverrides(child.Key)))
        {
            _warnings.Add(child.Path, "ignored beside 'overrides', which replaces settings written next to the alias.");
        }

        return new LlmModeEntry(alias, reader.Read(overrides, static _ => true));
    }

    private ResolvedEntry Resolve(LlmModeEntry entry, string path)
    {
        if (entry.Alias is not { } alias)
        {
            return Use(Default, entry.Overrides, $", which names no alias, so its overrides over the default provider '{Default}'");
        }

        if (!_providers.TryGetValue(alias, out LlmSettingLayer? provider))
        {
            _warnings.Add(path, $"'{alias}' is none of the providers; the default '{Default}' answers.");
            return new ResolvedEntry(
                Default, DefaultSettings, LlmSettingLayer.Empty, alias, DefaultProblem, $", whose alias '{alias}' is unknown, so the default provider '{Default}'");
        }

        if (!LlmProviderTypes.IsKnown(provider.Type) && entry.Overrides[LlmSetting.Type] is null)
        {
            _warnings.Add(path, $"'{alias}': {LlmProviderTypes.Advice(provider.Type)}; the default '{Default}' answers.");
        }

        return Use(alias, entry.Overrides, $", alias '{alias}'");
    }

    private ResolvedEntry Use(string alias, LlmSettingLayer overrides, string reason)
    {
        LlmSettingLayer effective = overrides.Over(_providers.GetValueOrDefault(alias, LlmSettingLayer.Empty));
        LlmProviderSettings settings = effective.ToSettings(_timeouts);
        return new ResolvedEntry(alias, settings, overrides, null, _uses.Add(alias, effective, settings), reason);
    }

    /// <summary>Settings that lead to the same server with the same key share its limit: the lowest of theirs applies to all.</summary>
    private void ShareConcurrency()
    {
        Dictionary<ProviderConcurrencyKey, int> lowest = [];
        foreach (LlmProviderSettings settings in _entries.Values.Select(static entry => entry.Settings).Append(DefaultSettings))
        {
            lowest[ServerOf(settings)] = Math.Min(settings.MaxConcurrency, lowest.GetValueOrDefault(ServerOf(settings), int.MaxValue));
        }

        foreach ((string purpose, ResolvedEntry entry) in _entries.ToArray())
        {
            _entries[purpose] = entry with { Settings = entry.Settings with { MaxConcurrency = lowest[ServerOf(entry.Settings)] } };
        }

        DefaultSettings = DefaultSettings with { MaxConcurrency = lowest[ServerOf(DefaultSettings)] };

        static ProviderConcurrencyKey ServerOf(LlmProviderSettings settings) => settings.ConcurrencyKey with { MaxConcurrency = 0 };
    }

    private sealed record ResolvedEntry(string Alias, LlmProviderSettings Settings, LlmSettingLayer Overrides, string? UnknownAlias, string? Problem, string Reason)
    {
        public LlmResolution For(string purpose, bool unlisted, string why) =>
            new(purpose, Alias, Settings, Overrides, unlisted, UnknownAlias, why + Reason) { Problem = Problem };
    }
}
