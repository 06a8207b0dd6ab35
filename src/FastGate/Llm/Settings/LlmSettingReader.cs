using FastGate.Configuration.Validation;
using Microsoft.Extensions.Configuration;

namespace FastGate.Llm.Settings;

/// <summary>Reads the settings of a provider or of overrides, and collects warnings and errors that name their key.</summary>
internal sealed class LlmSettingReader(List<string> warnings, List<string> errors)
{
    /// <summary>The text of a value; null when it is blank or still a template's placeholder such as 你的api key.</summary>
    public static string? Text(string? raw) => raw?.Trim() is { Length: > 0 } text && !text.Contains('你') ? text : null;

    /// <summary>Reads the children of <paramref name="section"/> that <paramref name="take"/> accepts.</summary>
    public LlmSettingLayer Read(IConfigurationSection section, Func<string, bool> take)
    {
        Dictionary<LlmSetting, object> values = [];
        Dictionary<LlmSetting, string> paths = [];
        foreach (IConfigurationSection child in section.GetChildren().Where(child => take(child.Key)))
        {
            if (LlmSetting.Find(child.Key) is not { } setting)
            {
                WarnUnknown([child]);
            }
            else if (setting == LlmSetting.TotalTimeout && child.GetChildren().Any())
            {
                ReadTimeoutParts(child, values);
            }
            else if (Text(child.Value) is { } text)
            {
                if (paths.TryAdd(setting, child.Path))
                {
                    Add(values, setting, child.Path, text);
                }
                else
                {
                    warnings.Add($"{child.Path}: says the same as {paths[setting]}, which is used.");
                }
            }
        }

        return new LlmSettingLayer(values);
    }

    public void WarnUnknown(IEnumerable<IConfigurationSection> children) => warnings.AddRange(children
        .Where(static child => LlmSetting.Find(child.Key) is null)
        .Select(static child => $"{child.Path}: not a setting that FastGate knows; ignored."));

    private void ReadTimeoutParts(IConfigurationSection section, Dictionary<LlmSetting, object> values)
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
                warnings.Add($"{part.Path}: not a part of a timeout; ignored.");
                continue;
            }

            foreach (LlmSetting setting in settings)
            {
                Add(values, setting, part.Path, text);
            }
        }
    }

    private void Add(Dictionary<LlmSetting, object> values, LlmSetting setting, string path, string text)
    {
        if (setting.Parse(text) is { } value)
        {
            values.TryAdd(setting, value);
        }
        else
        {
            errors.Add(OptionFailure.Text(path, text, setting.Allowed));
        }
    }
}
