using System.Globalization;
using FastGate.Configuration.Validation;
using Microsoft.Extensions.Configuration;

namespace FastGate.Speech.Settings;

/// <summary>
/// The providers of <c>Speech:Asr</c> and <c>Speech:Tts</c>, in the order in which they are asked. Only a provider that is selected can stop the start.
/// </summary>
internal sealed class SpeechConfiguration
{
    private readonly List<string> _errors = [];
    private readonly List<string> _warnings = [];

    private SpeechConfiguration(IConfigurationSection section)
    {
        Recognizers = Read(section.GetSection("Asr"), [SpeechProviderTypes.OpenAi, SpeechProviderTypes.FunAsr, SpeechProviderTypes.None]);
        Synthesizers = Read(section.GetSection("Tts"), [SpeechProviderTypes.OpenAi, SpeechProviderTypes.Espeak, SpeechProviderTypes.None]);
        HasSynthesizerSetting = Text(section["Tts:Default"]) is not null || section.GetSection("Tts:Providers").GetChildren().Any();
    }

    public static SpeechConfiguration Empty { get; } = Read(new ConfigurationBuilder().Build().GetSection("FastGate:Speech"));

    /// <summary>Empty: there is none.</summary>
    public IReadOnlyList<SpeechProviderSettings> Recognizers { get; }

    public IReadOnlyList<SpeechProviderSettings> Synthesizers { get; }

    /// <summary>False: the operator says nothing about a voice, so that espeak-ng is used where it is installed.</summary>
    public bool HasSynthesizerSetting { get; }

    public IReadOnlyList<string> Errors => _errors;

    public IReadOnlyList<string> Warnings => _warnings;

    /// <param name="section">The section <c>FastGate:Speech</c>.</param>
    public static SpeechConfiguration Read(IConfigurationSection section) => new(section);

    private List<SpeechProviderSettings> Read(IConfigurationSection section, IReadOnlyList<string> types)
    {
        IConfigurationSection[] providers = [.. section.GetSection("Providers").GetChildren()];
        string? chosen = Text(section["Default"]);
        if (chosen is not null && types.Contains(chosen.ToLowerInvariant()) && !providers.Any(provider => Same(provider.Key, chosen)))
        {
            // The name of a type that needs no settings.
            return Select([new SpeechProviderSettings { Alias = chosen, Type = chosen.ToLowerInvariant() }], section, types);
        }

        if (chosen is not null && !providers.Any(provider => Same(provider.Key, chosen)))
        {
            _errors.Add(OptionFailure.Text($"{section.Path}:Default", chosen, $"one of the providers {string.Join(", ", providers.Select(static provider => provider.Key))}"));
            return [];
        }

        string? spare = Text(section["Fallback"]);
        IEnumerable<IConfigurationSection> asked = providers
            .Where(provider => chosen is null || Same(provider.Key, chosen))
            .Take(1)
            .Concat(providers.Where(provider => spare is not null && Same(provider.Key, spare)));
        return Select([.. asked.DistinctBy(static provider => provider.Key).Select(ReadProvider)], section, types);
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

    private SpeechProviderSettings ReadProvider(IConfigurationSection section)
    {
        var settings = new SpeechProviderSettings { Alias = section.Key, Type = section["Type"]?.Trim().ToLowerInvariant() ?? "" };
        foreach (IConfigurationSection child in section.GetChildren())
        {
            string? text = Text(child.Value);
            settings = text is null ? settings : Normalize(child.Key) switch
            {
                "type" => settings,
                "baseurl" or "url" or "apiurl" => settings with { BaseUrl = Address(child, text) },
                "apikey" => settings with { ApiKey = text },
                "model" or "modelname" => settings with { Model = text },
                "voice" => settings with { Voice = text },
                "language" or "lang" => settings with { Language = text },
                "samplerate" => settings with { SampleRate = Number(child, text, 8_000, 192_000, settings.SampleRate) },
                "maxconcurrency" or "concurrency" => settings with { MaxConcurrency = Number(child, text, 1, 10_000, settings.MaxConcurrency) },
                "connecttimeout" => settings with { ConnectTimeout = Duration(child, text, settings.ConnectTimeout) },
                "firsttimeout" or "timeout" => settings with { FirstTimeout = Duration(child, text, settings.FirstTimeout) },
                "betweentimeout" => settings with { BetweenTimeout = Duration(child, text, settings.BetweenTimeout) },
                _ => Unknown(child, settings),
            };
        }

        return settings;
    }

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
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" or "ws" or "wss")
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
