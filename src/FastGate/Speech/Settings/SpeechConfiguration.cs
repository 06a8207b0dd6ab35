using System.Globalization;
using FastGate.Configuration.Validation;
using Microsoft.Extensions.Configuration;

namespace FastGate.Speech.Settings;

/// <summary>
/// The providers of <c>Speech:Asr</c> and <c>Speech:Tts</c>, in the order in which they are asked. Only a provider that is selected can stop the start.
/// </summary>
internal sealed class SpeechConfiguration
{
    /// <summary>Settings that hold no secret. Of one that is not known, it is not known either.</summary>
    private static readonly HashSet<string> s_known =
    [
        "type", "model", "modelname", "voice", "language", "lang", "speed", "format", "acceptanycertificate", "endsutterance", "earlystart", "samplerate",
        "maxconcurrency", "concurrency", "connecttimeout", "firsttimeout", "timeout", "betweentimeout",
    ];

    private readonly List<string> _errors = [];
    private readonly List<string> _warnings = [];
    private readonly Func<string, string?> _originOf;

    private SpeechConfiguration(IConfigurationSection section, Func<string, string?> originOf)
    {
        _originOf = originOf;
        Recognizers = Read(section.GetSection("Asr"), [SpeechProviderTypes.OpenAi, SpeechProviderTypes.FunAsr, SpeechProviderTypes.None]);
        Synthesizers = Read(section.GetSection("Tts"), [SpeechProviderTypes.OpenAi, SpeechProviderTypes.Espeak, SpeechProviderTypes.None]);
        HasSynthesizerSetting = Text(section["Tts:Default"]) is not null || section.GetSection("Tts:Providers").GetChildren().Any();
    }

    public static SpeechConfiguration Empty { get; } = Read(new ConfigurationBuilder().Build().GetSection("FastGate:Speech"), static _ => null);

    /// <summary>Empty: there is none.</summary>
    public IReadOnlyList<SpeechProviderSettings> Recognizers { get; }

    public IReadOnlyList<SpeechProviderSettings> Synthesizers { get; }

    /// <summary>False: the operator says nothing about a voice, so that espeak-ng is used where it is installed.</summary>
    public bool HasSynthesizerSetting { get; }

    public IReadOnlyList<string> Errors => _errors;

    public IReadOnlyList<string> Warnings => _warnings;

    /// <param name="section">The section <c>FastGate:Speech</c>.</param>
    /// <param name="originOf">The place in the old server's file that a key comes from; null for a key from elsewhere.</param>
    public static SpeechConfiguration Read(IConfigurationSection section, Func<string, string?> originOf) => new(section, originOf);

    private List<SpeechProviderSettings> Read(IConfigurationSection section, IReadOnlyList<string> types)
    {
        IConfigurationSection[] providers = [.. section.GetSection("Providers").GetChildren()];
        string? chosen = Text(section["Default"]);
        if (chosen is not null && types.Contains(chosen.ToLowerInvariant()) && !providers.Any(provider => Same(provider.Key, chosen)))
        {
            // The name of a type that needs no settings.
            return Select([new SpeechProviderSettings { Alias = chosen, Type = chosen.ToLowerInvariant(), Why = Origin($"{section.Path}:Default") }], section, types);
        }

        if (chosen is not null && !providers.Any(provider => Same(provider.Key, chosen)))
        {
            _errors.Add(OptionFailure.Text($"{section.Path}:Default", chosen, $"one of the providers {string.Join(", ", providers.Select(static provider => provider.Key))}"));
            return [];
        }

        string? spare = Text(section["Fallback"]);
        IEnumerable<(IConfigurationSection Provider, string Why)> asked = providers
            .Where(provider => chosen is null || Same(provider.Key, chosen))
            .Take(1)
            .Select(provider => (provider, chosen is null ? "the first provider, because there is no Default" : Origin($"{section.Path}:Default")))
            .Concat(providers.Where(provider => spare is not null && Same(provider.Key, spare)).Select(provider => (provider, Origin($"{section.Path}:Fallback"))));
        return Select([.. asked.DistinctBy(static provider => provider.Provider.Key).Select(provider => ReadProvider(provider.Provider, provider.Why))], section, types);
    }

    private List<SpeechProviderSettings> Select(List<SpeechProviderSettings> providers, IConfigurationSection section, IReadOnlyList<string> types)
    {
        foreach (SpeechProviderSettings provider in providers.Where(provider => !types.Contains(provider.Type)))
        {
            _errors.Add(OptionFailure.Text($"{section.Path}:Providers:{provider.Alias}:Type", provider.Type, $"one of {string.Join(", ", types)}"));
        }

        providers.RemoveAll(provider => provider.Type == SpeechProviderTypes.None);
        return providers;
    }

    private SpeechProviderSettings ReadProvider(IConfigurationSection section, string why)
    {
        var settings = new SpeechProviderSettings { Alias = section.Key, Type = section["Type"]?.Trim().ToLowerInvariant() ?? "", Why = why };
        List<SpeechSettingOrigin> origins = [];
        foreach (IConfigurationSection child in section.GetChildren())
        {
            string? text = Text(child.Value);
            if (text is not null)
            {
                origins.Add(new SpeechSettingOrigin(child.Key, Shown(Normalize(child.Key), text), Origin(child.Path)));
            }

            settings = text is null ? settings : Normalize(child.Key) switch
            {
                "type" => settings,
                "baseurl" or "url" or "apiurl" => settings with { BaseUrl = Address(child, text) },
                "apikey" => settings with { ApiKey = text },
                "model" or "modelname" => settings with { Model = text },
                "voice" => settings with { Voice = text },
                "language" or "lang" => settings with { Language = text },
                "speed" => settings with { Speed = Fraction(child, text, 0.25, 4, settings.Speed) },
                "format" => settings with { Format = Word(child, text, ["pcm", "wav", "opus"], settings.Format) },
                "acceptanycertificate" => settings with { AcceptAnyCertificate = Switch(child, text) },
                "endsutterance" => settings with { EndsUtterance = Switch(child, text) },
                "earlystart" => settings with { EarlyStart = text == "0" ? TimeSpan.Zero : Duration(child, text, settings.EarlyStart) },
                "samplerate" => settings with { SampleRate = Number(child, text, 8_000, 192_000, settings.SampleRate) },
                "maxconcurrency" or "concurrency" => settings with { MaxConcurrency = Number(child, text, 1, 10_000, settings.MaxConcurrency) },
                "connecttimeout" => settings with { ConnectTimeout = Duration(child, text, settings.ConnectTimeout) },
                "firsttimeout" or "timeout" => settings with { FirstTimeout = Duration(child, text, settings.FirstTimeout) },
                "betweentimeout" => settings with { BetweenTimeout = Duration(child, text, settings.BetweenTimeout) },
                _ => Unknown(child, settings),
            };
        }

        return settings with { Origins = origins };
    }

    private string Origin(string key) => _originOf(key) is { } place ? $"{key} [from {place}]" : key;

    /// <summary>A key is never shown, and an address without its user, password and query, which may hold one.</summary>
    private static string Shown(string name, string text) => name switch
    {
        "apikey" => "***",
        "baseurl" or "url" or "apiurl" => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Host.Length > 0
            ? uri.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.Port | UriComponents.Path, UriFormat.UriEscaped)
            : "(not an address)",
        _ when s_known.Contains(name) => text,
        _ => "***",
    };

    private static string? Text(string? raw) => raw?.Trim() is { Length: > 0 } text && !PlaceholderText.Is(text) ? text : null;

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static string Normalize(string key) => key.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    private SpeechProviderSettings Unknown(IConfigurationSection child, SpeechProviderSettings settings)
    {
        _warnings.Add($"{child.Path}: not a setting that FastGate knows; ignored.");
        return settings;
    }

    private string? Address(IConfigurationSection child, string text)
    {
        if ((WebAddress.Http(text) ?? WebAddress.WebSocket(text)) is not null)
        {
            return text;
        }

        _errors.Add(OptionFailure.Text(child.Path, text, "an http, https, ws or wss address"));
        return null;
    }

    private int Number(IConfigurationSection child, string text, int least, int most, int otherwise)
    {
        if (int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most)
        {
            return value;
        }

        _errors.Add(OptionFailure.Text(child.Path, text, $"a whole number from {least} to {most}"));
        return otherwise;
    }

    private double? Fraction(IConfigurationSection child, string text, double least, double most, double? otherwise)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= least && value <= most)
        {
            return value;
        }

        _errors.Add(OptionFailure.Text(child.Path, text, FormattableString.Invariant($"a number from {least} to {most}")));
        return otherwise;
    }

    private string Word(IConfigurationSection child, string text, string[] words, string otherwise)
    {
        if (words.Contains(text.ToLowerInvariant()))
        {
            return text.ToLowerInvariant();
        }

        _errors.Add(OptionFailure.Text(child.Path, text, $"one of {string.Join(", ", words)}"));
        return otherwise;
    }

    private bool Switch(IConfigurationSection child, string text)
    {
        if (!bool.TryParse(text, out bool value))
        {
            _errors.Add(OptionFailure.Text(child.Path, text, "true or false"));
        }

        return value;
    }

    private TimeSpan Duration(IConfigurationSection child, string text, TimeSpan otherwise)
    {
        bool isSpan = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and <= 600;
        TimeSpan span = isSpan ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;
        if (isSpan || (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out span) && span > TimeSpan.Zero && span <= TimeSpan.FromMinutes(10)))
        {
            return span;
        }

        _errors.Add(OptionFailure.Text(child.Path, text, "seconds or a time span above 0 and up to 00:10:00"));
        return otherwise;
    }
}
