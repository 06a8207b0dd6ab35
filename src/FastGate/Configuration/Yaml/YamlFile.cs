using FastGate.Configuration.Validation;
using YamlDotNet.Core;

namespace FastGate.Configuration.Yaml;

/// <summary>Reads a YAML file into a mapping.</summary>
internal static class YamlFile
{
    private const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Null with the reason (file, line and column) when the file cannot be used. An empty file is an empty mapping.</summary>
    public static YamlMapping? Read(string path, List<ConfigurationNote> notes, out string? failure)
    {
        if (TextFile.Read(path, MaxBytes, out failure) is not { } text)
        {
            return null;
        }

        return Parse(path, text, notes, out failure);
    }

    /// <summary>As <see cref="Read"/>, of a text that is in memory. The path is for the reason.</summary>
    public static YamlMapping? Parse(string path, string text, List<ConfigurationNote> notes, out string? failure)
    {
        failure = null;
        Scanner? scanner = null;
        try
        {
            scanner = new Scanner(new StringReader(text));
            return new YamlComposer(path, new Parser(scanner), notes).Compose();
        }
        catch (YamlException exception)
        {
            failure = Describe(path, text, exception.Start.Line, exception.Start.Column, exception.InnerException?.Message ?? exception.Message);
        }
        catch (Exception exception)
        {
            // For some broken files the library throws exceptions of other types; a typo in a file must never end the process.
            Mark place = scanner?.CurrentPosition ?? Mark.Empty;
            failure = Describe(path, text, place.Line, place.Column, $"this is not YAML ({exception.Message})");
        }

        return null;
    }

    private static string Describe(string path, string text, long line, long column, string message)
    {
        // The library reports some mistakes one line before or after them.
        string[] lines = text.Split('\n');
        string? hint = new[] { line, line - 1, line + 1 }.Where(number => number >= 1 && number <= lines.Length)
            .Select(number => Hint(number, lines[number - 1].TrimEnd())).FirstOrDefault(static hint => hint is not null);
        return $"{path}, line {line}, column {column}: {message.TrimEnd('.')}{(hint is null ? "" : $"; {hint}")}";
    }

    /// <summary>What to change, for the mistakes that are made most; null for a line without one.</summary>
    private static string? Hint(long number, string line)
    {
        string content = line.TrimStart();
        if (content.StartsWith('#') || content.Length == 0)
        {
            return null;
        }

        if (line.AsSpan(0, line.Length - content.Length).Contains('\t'))
        {
            return $"line {number} is indented with a tab: use spaces";
        }

        int colon = content.IndexOf(':');
        if (content.IndexOf('：') is >= 0 and var wide && (colon < 0 || wide < colon))
        {
            return $"line {number} has a full-width colon: use \":\" and a space";
        }

        string value = colon < 0 ? "" : content[(colon + 1)..].Trim();
        bool isQuoted = value.Length > 0 && value[0] is '"' or '\'' or '{' or '[' or '|' or '>';
        return value.Length > 0 && !isQuoted && (value[0] is '@' or '`' or '%' or '&' || value.Contains(": ", StringComparison.Ordinal)) ? $"put the value in line {number} in quotes" : null;
    }
}
