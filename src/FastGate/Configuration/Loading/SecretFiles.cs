using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;
using FastGate.Configuration.Yaml;
using FastGate.Tools.Settings;

namespace FastGate.Configuration.Loading;

/// <summary>
/// Reads secrets from files: <c>Admin:Token_FILE</c> or <c>Admin:TokenFile</c> names the file that holds <c>Admin:Token</c>, as containers mount
/// their secrets. A file for a list has one item a line.
/// </summary>
internal static class SecretFiles
{
    public const int MaxBytes = 64 * 1024;

    private static readonly string[] s_suffixes = ["_FILE", "File"];

    /// <summary>The key of the secret whose file a key names; null for every other key.</summary>
    public static string? SecretOf(string key) => McpServerKeys.IsLiteral(key) ? null : s_suffixes
        .Where(suffix => key.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
        .Select(suffix => key[..^suffix.Length])
        .FirstOrDefault(OptionSchema.IsSecret);

    /// <summary>Whether two different keys set the same secret, of which at least one names a file. An item of a list is part of its list.</summary>
    public static bool IsOtherForm(string one, string other)
    {
        (string? first, string? second) = (SecretOf(one), SecretOf(other));
        return (first ?? second) is not null && !one.Equals(other, StringComparison.OrdinalIgnoreCase) &&
            (OptionPath.IsAtOrBelow(first ?? one, second ?? other) || OptionPath.IsAtOrBelow(second ?? other, first ?? one));
    }

    /// <summary>Replaces each key that names a file by the secret in it. Returns the files, also those that could not be read.</summary>
    public static IReadOnlyList<(string Key, string Secret, string File)> Resolve(Dictionary<string, string?> keys, string workingDirectory, List<string> failures)
    {
        List<(string Key, string Secret, string File)> files = [];
        foreach ((string key, string? name) in keys.Where(static key => SecretOf(key.Key) is not null).ToArray())
        {
            keys.Remove(key);
            if (string.IsNullOrWhiteSpace(name))
            {
                continue;
            }

            string secret = SecretOf(key)!;
            string file = Path.GetFullPath(name, workingDirectory);
            files.Add((key, secret, file));
            if (Read(file, out string? failure) is not { } text)
            {
                failures.Add(OptionFailure.Text($"{GatewayOptions.Section}:{key}", name, $"a readable file with a secret of at most 64 KiB ({failure})"));
            }
            else if (OptionSchema.Keys.TryGetValue(secret, out OptionKey? option) && option.IsList)
            {
                foreach ((int index, string item) in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Index())
                {
                    keys[FormattableString.Invariant($"{secret}:{index}")] = item;
                }
            }
            else
            {
                keys[secret] = text;
            }
        }

        return files;
    }

    /// <summary>The text without its final line end; null with the reason.</summary>
    private static string? Read(string file, out string? failure)
    {
        if (TextFile.Read(file, MaxBytes, out failure) is not { } text)
        {
            return null;
        }

        text = text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
        failure = text.Length == 0 ? $"{file}: the file is empty" : null;
        return failure is null ? text : null;
    }
}
