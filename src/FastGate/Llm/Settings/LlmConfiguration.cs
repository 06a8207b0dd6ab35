using Microsoft.Extensions.Configuration;

namespace FastGate.Llm.Settings;

/// <summary>
/// An immutable reading of <c>FastGate:Llm</c>. With <see cref="Errors"/> it must not be put to use; resolving is a pure
/// function of it.
/// </summary>
internal sealed class LlmConfiguration
{
    public const string ChatPurpose = "chat";
    public const string MemoryPurpose = "memory";
    public const string DefaultEntry = "default";

    private readonly Dictionary<string, LlmSettingLayer> _providers;
    private readonly Dictionary<string, LlmModeEntry> _byMode;

    // Of each server the least that anything leading there allows at once.
    private readonly Dictionary<ProviderConcurrencyKey, int> _concurrency = [];

    private LlmConfiguration(
        string @default, bool defaultIsChosen, LlmTimeouts timeouts, Dictionary<string, LlmSettingLayer> providers,
        Dictionary<string, LlmModeEntry> byMode, List<string> warnings, List<string> errors)
    {
        Default = @default;
        DefaultIsChosen = defaultIsChosen;
        Timeouts = timeouts;
        _providers = providers;
        _byMode = byMode;
        Warnings = warnings;
        Errors = errors;
        DefaultSettings = LlmSettingLayer.Empty.Over(providers.GetValueOrDefault(@default, LlmSettingLayer.Empty), timeouts);
        foreach (LlmProviderSettings? settings in byMode.Keys.Select(purpose => Resolve(purpose).Settings).Append(DefaultSettings).ToArray())
        {
            ProviderConcurrencyKey server = ServerOf(settings);
            _concurrency[server] = Math.Min(_concurrency.GetValueOrDefault(server, int.MaxValue), settings.MaxConcurrency);
        }

        DefaultSettings = Bounded(DefaultSettings);
    }

    /// <summary>The purposes the gateway itself asks for; shown even where nothing is configured for them.</summary>
    public static IReadOnlyList<string> KnownPurposes { get; } = [ChatPurpose, MemoryPurpose, "intent", "meeting", "coding", "working"];

    /// <summary>Alias of the provider everything falls back to.</summary>
    public string Default { get; }

    /// <summary>
    /// The operator named it. A gateway left on its built-in echo must not answer an outage by repeating the users' words: then no provider
    /// stands in for one that failed.
    /// </summary>
    public bool DefaultIsChosen { get; }

    public LlmProviderSettings DefaultSettings { get; }

    public LlmTimeouts Timeouts { get; }

    public IReadOnlyList<string> Warnings { get; }

    public IReadOnlyList<string> Errors { get; }

    public IEnumerable<string> Purposes => _byMode.Keys;

    public IEnumerable<string> Aliases => _providers.Keys;

    /// <summary>The configuration of a gateway that was told nothing: the embedded echo.</summary>
    public static LlmConfiguration Embedded { get; } = Read(new ConfigurationBuilder().Build().GetSection("FastGate:Llm"));

    public static LlmConfiguration Read(IConfigurationSection section)
    {
        var warnings = new List<string>();
        var errors = new List<string>();
        var reader = new LlmSettingReader(warnings, errors);

        var providers = new Dictionary<string, LlmSettingLayer>(StringComparer.OrdinalIgnoreCase);
        foreach (IConfigurationSection provider in section.GetSection("Providers").GetChildren())
        {
            // Of a foreign kind of provider only that it is foreign is worth a word, and only if somebody asks for it.
            string type = LlmProviderTypes.Normalize(
                Setting(provider, LlmSetting.Type), Setting(provider, LlmSetting.BaseUrl));
            providers[provider.Key] = LlmProviderTypes.IsKnown(type)
                ? reader.Read(provider, static _ => true)
                : reader.Read(provider, static key => LlmSettingKeys.Find(key) != LlmSetting.Unknown);
        }

        providers.TryAdd(LlmProviderTypes.Echo, new LlmSettingLayer { Type = LlmProviderTypes.Echo });

        var byMode = new Dictionary<string, LlmModeEntry>(StringComparer.OrdinalIgnoreCase);
        foreach (IConfigurationSection entry in section.GetSection("ByMode").GetChildren())
        {
            if (ReadEntry(entry, reader, warnings) is { } read)
            {
                byMode[entry.Key.Trim().ToLowerInvariant()] = read;
            }
        }

        string? chosen = LlmSettingKeys.Value(section["Default"]);
        string fallback = chosen ?? LlmProviderTypes.Echo;
        if (!providers.TryGetValue(fallback, out LlmSettingLayer? standIn))
        {
            errors.Add($"{section.Path}:Default: '{fallback}' is none of the providers {string.Join(", ", providers.Keys)}.");
        }
        else if (!IsUsable(standIn))
        {
            errors.Add($"{section.Path}:Default: the type '{standIn.Type}' of '{fallback}' is none of openai, anthropic, echo.");
        }

        foreach ((string? purpose, LlmModeEntry? entry) in byMode)
        {
            if (entry.Alias is not { } alias)
            {
                continue;
            }

            if (!providers.TryGetValue(alias, out LlmSettingLayer? provider))
            {
                warnings.Add($"{section.Path}:ByMode:{purpose}: '{alias}' is none of the providers; the default '{fallback}' answers.");
            }
            else if (!IsUsable(provider) && entry.Overrides.Type is null)
            {
                warnings.Add(
                    $"{section.Path}:ByMode:{purpose}: the type '{provider.Type}' of '{alias}' is none of openai, anthropic, echo; the default '{fallback}' answers.");
            }
        }

        return new LlmConfiguration(fallback, chosen is not null, ReadTimeouts(section, reader), providers, byMode, warnings, errors);
    }

    /// <summary>Purpose, its entry, the <c>default</c> entry, the default provider: the first that says something.</summary>
    public LlmResolution Resolve(string? purpose)
    {
        string name = NormalizePurpose(purpose);
        if (_byMode.TryGetValue(name, out LlmModeEntry? entry))
        {
            return ResolveEntry(name, entry, unlisted: false, $"entry '{name}'");
        }

        // A gateway that lists no purpose at all has nothing to be warned of.
        bool unlisted = _byMode.Count > 0 && name != DefaultEntry;
        return _byMode.TryGetValue(DefaultEntry, out entry)
            ? ResolveEntry(name, entry, unlisted, $"no entry '{name}', so the entry 'default'")
            : new LlmResolution(name, Default, DefaultSettings, LlmSettingLayer.Empty, unlisted, null,
                name == DefaultEntry ? $"no entry 'default', so the default provider '{Default}'"
                : $"neither an entry '{name}' nor 'default', so the default provider '{Default}'");
    }

    public static string NormalizePurpose(string? purpose)
    {
        string? name = purpose?.Trim().ToLowerInvariant();
        return string.IsNullOrEmpty(name) ? ChatPurpose : name;
    }

    private LlmResolution ResolveEntry(string purpose, LlmModeEntry entry, bool unlisted, string why)
    {
        if (entry.Alias is null)
        {
            return new LlmResolution(purpose, Default, Bounded(entry.Overrides.Over(_providers.GetValueOrDefault(Default, LlmSettingLayer.Empty), Timeouts)),
                entry.Overrides, unlisted, null, $"{why}, which names no alias, so its overrides over the default provider '{Default}'");
        }

        if (!_providers.TryGetValue(entry.Alias, out LlmSettingLayer? provider))
        {
            return new LlmResolution(purpose, Default, DefaultSettings, LlmSettingLayer.Empty, unlisted, entry.Alias,
                $"{why}, whose alias '{entry.Alias}' is unknown, so the default provider '{Default}'");
        }

        return new LlmResolution(purpose, entry.Alias, Bounded(entry.Overrides.Over(provider, Timeouts)), entry.Overrides, unlisted, null,
            $"{why}, alias '{entry.Alias}'");
    }

    /// <summary>Two entries of one server are one server: what one of them sets for all that it bears holds for both.</summary>
    private LlmProviderSettings Bounded(LlmProviderSettings settings) =>
        settings with { MaxConcurrency = Math.Min(settings.MaxConcurrency, _concurrency.GetValueOrDefault(ServerOf(settings), int.MaxValue)) };

    private static ProviderConcurrencyKey ServerOf(LlmProviderSettings settings) => (settings with { MaxConcurrency = 0 }).ConcurrencyKey;

    private static bool IsUsable(LlmSettingLayer provider) => LlmProviderTypes.IsKnown(LlmProviderTypes.Normalize(provider.Type, provider.BaseUrl));

    private static string? Setting(IConfigurationSection provider, LlmSetting setting) => provider.GetChildren()
        .Where(child => LlmSettingKeys.Find(child.Key) == setting).Select(static child => LlmSettingKeys.Value(child.Value)).FirstOrDefault(static value => value is not null);

    private static LlmModeEntry? ReadEntry(IConfigurationSection entry, LlmSettingReader reader, List<string> warnings)
    {
        string? text = LlmSettingKeys.Value(entry.Value);
        if (!entry.GetChildren().Any())
        {
            if (text is null)
            {
                warnings.Add($"{entry.Path}: names no alias; read as if it were not there.");
                return null;
            }

            return new LlmModeEntry(text, LlmSettingLayer.Empty);
        }

        // An object wins over a string that another source left under the same key; its alias still counts.
        string? alias = LlmSettingKeys.Alias.Select(key => LlmSettingKeys.Value(entry[key])).FirstOrDefault(static value => value is not null) ?? text;
        IConfigurationSection? overrides = entry.GetChildren().FirstOrDefault(static child => LlmSettingKeys.IsOverrides(child.Key));
        if (overrides is null)
        {
            return new LlmModeEntry(alias, reader.Read(entry, static key => !LlmSettingKeys.IsAlias(key)));
        }

        foreach (IConfigurationSection flat in entry.GetChildren())
        {
            if (!LlmSettingKeys.IsAlias(flat.Key) && !LlmSettingKeys.IsOverrides(flat.Key))
            {
                warnings.Add($"{flat.Path}: stands beside 'overrides', which is the whole of them; ignored.");
            }
        }

        return new LlmModeEntry(alias, reader.Read(overrides, static _ => true));
    }

    private static LlmTimeouts ReadTimeouts(IConfigurationSection section, LlmSettingReader reader)
    {
        IConfigurationSection timeouts = section.GetSection("Timeouts");
        var defaults = new LlmTimeouts();
        return new LlmTimeouts
        {
            Connect = Read("Connect") ?? defaults.Connect,
            FirstToken = Read("FirstToken") ?? defaults.FirstToken,
            BetweenTokens = Read("BetweenTokens") ?? defaults.BetweenTokens,
            Total = Read("Total") ?? defaults.Total,
        };

        TimeSpan? Read(string key) =>
            LlmSettingKeys.Value(timeouts[key]) is { } value ? reader.Duration($"{timeouts.Path}:{key}", value) : null;
    }
}
