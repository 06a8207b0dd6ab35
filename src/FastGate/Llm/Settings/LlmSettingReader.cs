using FastGate.Configuration.Validation;
using Microsoft.Extensions.Configuration;

namespace FastGate.Llm.Settings;

/// <summary>
/// Reads the settings of a provider or of overrides. Warnings name their key; errors stay in the layer, because only a layer that is used can make
/// them matter.
/// </summary>
internal sealed class LlmSettingReader(LlmWarnings warnings)
{
    /// <summary>The text of a value; null when it is blank or still a template's placeholder.</summary>
    public static string? Text(string? raw) => raw?.Trim() is { Length: > 0 } text && !PlaceholderText.Is(text) ? text : null;

    /// <summary>Reads the children of <paramref name="section"/> that <paramref name="take"/> accepts.</summary>
    public LlmSettingLayer Read(IConfigurationSection section, Func<string, bool> take)
    {
        Dictionary<LlmSetting, object> values = [];
        Dictionary<LlmSetting, string> paths = [];
        Dictionary<LlmSetting, string> errors = [];
        Dictionary<LlmSetting, LlmPlaceholder> placeholders = [];
        foreach (IConfigurationSection child in section.GetChildren().Where(child => take(child.Key)))
        {
            if (LlmSetting.Find(child.Key) is not { } setting)
            {
                WarnUnknown([child]);
            }
            else if (setting == LlmSetting.TotalTimeout && child.GetChildren().Any())
            {
                ReadTimeoutParts(child, values, errors);
            }
            else if (Text(child.Value) is { } text)
            {
                if (paths.TryAdd(setting, child.Path))
                {
                    Add(values, errors, setting, child.Path, text);
                }
                else
                {
                    warnings.Add(child.Path, $"says the same as {paths[setting]}, which is used.");
                }
            }
            else if (!string.IsNullOrWhiteSpace(child.Value))
            {
                placeholders.TryAdd(setting, new LlmPlaceholder(child.Path, child.Value));
            }
        }

        return new LlmSettingLayer(values, errors, placeholders);
    }

    public void WarnUnknown(IEnumerable<IConfigurationSection> children)
    {
        foreach (IConfigurationSection child in children.Where(static child => LlmSetting.Find(child.Key) is null))
        {
            warnings.Add(child.Path, "not a setting that FastGate knows; ignored.");
        }
    }

    private void ReadTimeoutParts(IConfigurationSection section, Dictionary<LlmSetting, object> values, Dictionary<LlmSetting, string> errors)
    {
        // Children are sorted by key: "first_token" and "between_tokens" come before "read", which covers both.
        foreach (IConfigurationSection part in section.GetChildren())
        {
            if (Text(part.Value) is not { } text)
            {
                continue;
            }

            if (LlmSetting.FindTimeoutPart(part.Key) is not { } settings)
            {
                warnings.Add(part.Path, "not a part of a timeout; ignored.");
                continue;
            }

            foreach (LlmSetting setting in settings)
            {
                Add(values, errors, setting, part.Path, text);
            }
        }
    }

    private static void Add(Dictionary<LlmSetting, object> values, Dictionary<LlmSetting, string> errors, LlmSetting setting, string path, string text)
    {
        if (setting.Parse(text) is { } value)
        {
            values.TryAdd(setting, value);
        }
        else
        {
            errors.TryAdd(setting, OptionFailure.Text(path, text, setting.Allowed));
        }
    }
}
