using FastGate.Configuration.Validation;
using YamlDotNet.Core;

namespace FastGate.Configuration.Yaml;

/// <summary>Reads a YAML file into a mapping.</summary>
internal static class YamlFile
{
    /// <summary>Null with the reason (file, line and column) when the file cannot be used. An empty file is an empty mapping.</summary>
    public static YamlMapping? Read(string path, List<ConfigurationNote> notes, out string? failure)
    {
        if (TextFile.Read(path, out failure) is not { } text)
        {
            return null;
        }

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
        string hint = Hint(text.Split('\n'), (int)line);
        return $"{path}, line {line}, column {column}: {message.TrimEnd('.')}{(hint.Length > 0 ? $"; {hint}" : "")}";
    }

    /// <summary>What to change, for the mistakes that are made most. The library often notices a mistake one line after it.</summary>
    private static string Hint(string[] lines, int line)
    {
        foreach (int number in new[] { line, line - 1, line + 1 })
        {
            if (number < 1 || number > lines.Length)
            {
                continue;
            }

            string text = lines[number - 1];
            string content = text.TrimStart();
            if (content.Length > 0 && content[0] != '#' && text.AsSpan(0, text.Length - content.Length).Contains('\t'))
            {
                return $"line {number} is indented with a tab: use spaces";
            }

            int colon = content.IndexOf(':');
            string value = colon < 0 ? "" : content[(colon + 1)..].Trim();
            if (value.StartsWith('@') || value.StartsWith('`') || value.StartsWith('%') || value.StartsWith('*') || value.StartsWith('&') ||
                value.StartsWith('!') || (value.Length > 0 && value[0] is not ('"' or '\'' or '{' or '[' or '|' or '>') && value.Contains(": ", StringComparison.Ordinal)))
            {
                return $"put the value in line {number} in quotes";
            }

            if (content.IndexOf('：') is >= 0 and var wide && (colon < 0 || wide < colon))
            {
                return $"line {number} has a full-width colon: use \":\" and a space";
            }
        }

        return "check the indentation, quotes and brackets of this line and the one before";
    }
}
