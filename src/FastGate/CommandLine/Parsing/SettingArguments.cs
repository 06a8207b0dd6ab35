using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;

namespace FastGate.CommandLine.Parsing;

/// <summary>
/// Checks the settings on a command line. It splits them as the configuration provider does, which ignores every argument that it cannot split
/// and every key that nothing reads.
/// </summary>
internal static class SettingArguments
{
    private const string Section = $"{GatewayOptions.Section}:";

    /// <summary>Keys outside the section: those of the generic host, and the log levels, whose names are free.</summary>
    private static readonly string[] s_hostKeys = ["environment", "contentRoot", "applicationName"];

    /// <summary>What other servers call the keys that a first start needs.</summary>
    private static readonly Dictionary<string, string> s_usualNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["p"] = "Devices:Listen",
        ["port"] = "Devices:Listen",
        ["host"] = "Devices:Listen",
        ["listen"] = "Devices:Listen",
        ["bind"] = "Devices:Listen",
        ["address"] = "Devices:Listen",
        ["urls"] = "Http:Listen",
        ["http-port"] = "Http:Listen",
        ["admin-port"] = "Admin:Listen",
        ["c"] = "Config",
        ["config"] = "Config",
    };

    /// <summary>Separates the settings from the words of a command, which follow their own rules.</summary>
    public static (string[] Settings, string[] Words) Split(IReadOnlyList<string> arguments)
    {
        List<string> settings = [];
        List<string> words = [];
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (!IsSetting(argument))
            {
                words.Add(argument);
                continue;
            }

            settings.Add(argument);
            if (!argument.Contains('=', StringComparison.Ordinal) && i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal))
            {
                settings.Add(arguments[++i]);
            }
        }

        return ([.. settings], [.. words]);
    }

    /// <summary>Describes the first argument that is not a setting, with the nearest name; null when all are settings.</summary>
    public static string? FindError(IReadOnlyList<string> arguments, IReadOnlyList<string> commands)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            int prefix = argument.StartsWith("--", StringComparison.Ordinal) ? 2 : argument.StartsWith('-') || argument.StartsWith('/') ? 1 : 0;
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            if (prefix == 0 && equals < 0)
            {
                return $"Unknown command \"{argument}\". {CommandHint(argument, commands)}";
            }

            string key = argument[prefix..(equals < 0 ? argument.Length : equals)];
            bool isShort = prefix == 1 && argument[0] == '-';
            if (isShort || KeyHint(key) is not null)
            {
                return $"Unknown option \"{argument[..(prefix + key.Length)]}\". {KeyHint(key) ?? $"Options begin with two dashes: --{key}"}";
            }

            if (equals < 0 && (++i == arguments.Count || arguments[i].StartsWith("--", StringComparison.Ordinal)))
            {
                return $"Option \"{argument}\" has no value. Write {argument}=value.";
            }
        }

        return null;
    }

    /// <summary>Words of commands may have colons and equals signs too, so only two dashes or a known section make a setting.</summary>
    private static bool IsSetting(string argument)
    {
        bool hasDashes = argument.StartsWith("--", StringComparison.Ordinal);
        ReadOnlySpan<char> key = argument.AsSpan(hasDashes ? 2 : argument.StartsWith('/') ? 1 : 0);
        int equals = key.IndexOf('=');
        key = equals < 0 ? key : key[..equals];
        return hasDashes ? key.Contains(':') || s_hostKeys.Contains(key.ToString(), StringComparer.OrdinalIgnoreCase)
            : (equals >= 0 || argument.StartsWith('/')) && (key.StartsWith(Section, StringComparison.OrdinalIgnoreCase) || key.StartsWith("Logging:", StringComparison.OrdinalIgnoreCase));
    }

    private static string CommandHint(string word, IReadOnlyList<string> commands) =>
        TextDistance.Nearest(word, commands) is string nearest
            ? $"Did you mean \"{nearest}\"?"
            : $"The commands are {string.Join(", ", commands)}; without a command FastGate serves.";

    /// <summary>Describes what is wrong with a key; null for a known key.</summary>
    private static string? KeyHint(string key)
    {
        if (s_hostKeys.Contains(key, StringComparer.OrdinalIgnoreCase) || key.StartsWith("Logging:", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (key.StartsWith(Section, StringComparison.OrdinalIgnoreCase))
        {
            string inSection = key[Section.Length..];
            return !UnknownKeys.Contains(inSection) ? null : DidYouMean(UnknownKeys.Nearest(inSection));
        }

        if (s_usualNames.TryGetValue(key, out string? usual))
        {
            return DidYouMean(usual);
        }

        // The section was left out, or misspelled.
        string path = key[(key.IndexOf(':', StringComparison.Ordinal) + 1)..];
        return TextDistance.Nearest(key, ["help", "version"]) is string word ? $"Did you mean --{word}?"
            : !UnknownKeys.Contains(key) ? DidYouMean(key)
            : !UnknownKeys.Contains(path) ? DidYouMean(path)
            : key.Contains(':', StringComparison.Ordinal) ? DidYouMean(UnknownKeys.Nearest(path))
            : $"Settings have the form --{Section}Section:Key=value.";
    }

    private static string DidYouMean(string path) => $"Did you mean --{Section}{path}?";
}
