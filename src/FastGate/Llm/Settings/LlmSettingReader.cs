using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace FastGate.Llm.Settings;

/// <summary>Reads the free-form values of a provider or an override; what is wrong is named with its path, never its secret.</summary>
internal sealed class LlmSettingReader(List<string> warnings, List<string> errors)
{
    private static readonly TimeSpan s_longestTimeout = TimeSpan.FromMinutes(30);

    /// <summary>Reads the children of <paramref name="section"/> that <paramref name="take"/> accepts.</summary>
    public LlmSettingLayer Read(IConfigurationSection section, Func<string, bool> take)
    {
        LlmSettingLayer layer = LlmSettingLayer.Empty;
        var seen = new Dictionary<LlmSetting, string>();
        foreach (IConfigurationSection child in section.GetChildren())
        {
            if (!take(child.Key))
            {
                continue;
            }

            LlmSetting setting = LlmSettingKeys.Find(child.Key);
            if (setting == LlmSetting.Unknown)
            {
                warnings.Add($"{child.Path}: not a setting FastGate knows; ignored.");
                continue;
            }

            if (setting == LlmSetting.Timeout && child.GetChildren().Any())
            {
                layer = ReadTimeoutParts(child, layer);
                continue;
            }

            if (LlmSettingKeys.Value(child.Value) is not { } value)
            {
                continue;
            }

            if (!seen.TryAdd(setting, child.Path))
            {
                warnings.Add($"{child.Path}: says the same as {seen[setting]}, which is used.");
                continue;
            }

            layer = Set(layer, setting, child.Path, value);
        }

        return layer;
    }

    private LlmSettingLayer Set(LlmSettingLayer layer, LlmSetting setting, string path, string value) => setting switch
    {
        LlmSetting.Type => layer with { Type = value },
        LlmSetting.BaseUrl => layer with { BaseUrl = Address(path, value) },
        LlmSetting.Model => layer with { Model = value },
        LlmSetting.ApiKey => layer with { ApiKey = value },
        LlmSetting.Temperature => layer with { Temperature = Number(path, value, 0, 2) },
        LlmSetting.MaxTokens => layer with { MaxTokens = (int?)Whole(path, value, 1, 1_000_000) },
        LlmSetting.TopP => layer with { TopP = Number(path, value, 0, 1) },
        LlmSetting.FrequencyPenalty => layer with { FrequencyPenalty = Number(path, value, -2, 2) },
        LlmSetting.PresencePenalty => layer with { PresencePenalty = Number(path, value, -2, 2) },
        LlmSetting.MaxConcurrency => layer with { MaxConcurrency = (int?)Whole(path, value, 1, 100_000) },
        // One number bounds the whole call; the finer limits stay what they are unless they exceed it.
        LlmSetting.Timeout => layer with { Total = Duration(path, value) },
        _ => layer,
    };

    private LlmSettingLayer ReadTimeoutParts(IConfigurationSection section, LlmSettingLayer layer)
    {
        foreach (IConfigurationSection part in section.GetChildren())
        {
            if (LlmSettingKeys.Value(part.Value) is not { } value)
            {
                continue;
            }

            switch (LlmSettingKeys.FindTimeoutPart(part.Key))
            {
                case LlmTimeoutPart.Connect:
                    layer = layer with { Connect = Duration(part.Path, value) };
                    break;
                case LlmTimeoutPart.FirstToken:
                    layer = layer with { FirstToken = Duration(part.Path, value) };
                    break;
                case LlmTimeoutPart.BetweenTokens:
                    layer = layer with { BetweenTokens = Duration(part.Path, value) };
                    break;
                case LlmTimeoutPart.Read:
                    TimeSpan? read = Duration(part.Path, value);
                    layer = layer with { FirstToken = layer.FirstToken ?? read, BetweenTokens = layer.BetweenTokens ?? read };
                    break;
                case LlmTimeoutPart.Total:
                    layer = layer with { Total = Duration(part.Path, value) };
                    break;
                case LlmTimeoutPart.Unknown:
                    warnings.Add($"{part.Path}: not a part of a timeout; ignored.");
                    break;
                default:
                    break;
            }
        }

        return layer;
    }

    private string? Address(string path, string value)
    {
        if (Uri.TryCreate(value, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0)
        {
            return value;
        }

        errors.Add($"{path}: '{value}' is not an http or https address.");
        return null;
    }

    private float? Number(string path, string value, float min, float max)
    {
        if (float.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && number >= min && number <= max)
        {
            return number;
        }

        errors.Add(FormattableString.Invariant($"{path}: '{value}' is not a number from {min} to {max}."));
        return null;
    }

    private long? Whole(string path, string value, long min, long max)
    {
        // YAML and JSON alike may write a whole number as 500.0.
        if (decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
            && decimal.IsInteger(number) && number >= min && number <= max)
        {
            return (long)number;
        }

        errors.Add(FormattableString.Invariant($"{path}: '{value}' is not a whole number from {min} to {max}."));
        return null;
    }

    /// <summary>Seconds as a number, or a time span.</summary>
    public TimeSpan? Duration(string path, string value)
    {
        TimeSpan? span = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
            ? Math.Abs(seconds) < s_longestTimeout.TotalSeconds * 2 ? TimeSpan.FromSeconds(seconds) : null
            : TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out global::System.TimeSpan parsed) ? parsed : null;
        if (span > TimeSpan.Zero && span <= s_longestTimeout)
        {
            return span;
        }

        errors.Add(FormattableString.Invariant($"{path}: '{value}' is neither seconds nor a time span above 0 and up to {s_longestTimeout}."));
        return null;
    }
}
