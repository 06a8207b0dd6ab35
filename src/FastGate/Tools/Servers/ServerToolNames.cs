using FastGate.Conversation.Tools;

namespace FastGate.Tools.Servers;

/// <summary>The names under which the tools of all servers are offered to the model.</summary>
internal static class ServerToolNames
{
    /// <summary>
    /// One name for each tool, in order. A name that two tools share after the change gets the name of its server in front, and a number where that is
    /// not enough.
    /// </summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<(string Server, string Tool)> tools)
    {
        string[] plain = [.. tools.Select(static tool => ToolName.Fit(tool.Tool))];
        var count = plain.CountBy(static name => name, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        HashSet<string> used = new(plain.Where(name => count[name] == 1), StringComparer.Ordinal);
        string[] names = new string[plain.Length];
        for (int i = 0; i < plain.Length; i++)
        {
            names[i] = count[plain[i]] == 1 ? plain[i] : ToolName.Claim(used, ToolName.Fit($"{tools[i].Server}_{plain[i]}"));
        }

        return names;
    }
}
