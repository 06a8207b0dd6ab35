namespace FastGate.Tools.Settings;

/// <summary>The keys below <c>Mcp:Servers:{name}</c> whose values are secrets or literal texts.</summary>
internal static class McpServerKeys
{
    public const string Root = "Mcp:Servers";

    /// <summary>Whether a value must not be shown. What a variable or a header holds is not known, so all of them are secrets.</summary>
    public static bool IsSecret(string path) => Split(path) is { } parts &&
        (Is(parts[3], "ApiKey") || (parts.Length > 4 && (Is(parts[3], "Environment") || Is(parts[3], "Headers"))));

    /// <summary>
    /// Whether a key that ends like the name of a secret's file is none: a variable of a program may well be called <c>LOG_FILE</c>, and a header
    /// <c>X-Profile</c>.
    /// </summary>
    public static bool IsLiteral(string path) => Split(path) is { Length: > 4 } parts &&
        (Is(parts[3], "Environment") || (Is(parts[3], "Headers") && !path.EndsWith("_FILE", StringComparison.OrdinalIgnoreCase)));

    /// <summary>Whether a value is an argument of a program, which may hold a secret.</summary>
    public static bool IsArgument(string path) => Split(path) is { Length: > 4 } parts && Is(parts[3], "Arguments");

    private static string[]? Split(string path) =>
        path.StartsWith(Root + ":", StringComparison.OrdinalIgnoreCase) && path.Split(':') is { Length: > 3 } parts ? parts : null;

    private static bool Is(string part, string name) => part.Equals(name, StringComparison.OrdinalIgnoreCase);
}
