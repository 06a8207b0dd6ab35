using FastGate.Tools.Settings;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace FastGate.Tools.Servers;

/// <summary>Reads the tools of a server that the operator allows. A server decides what it sends, so each count has a bound.</summary>
internal static class McpToolReader
{
    public const int MaxTools = 128;
    public const int MaxSchema = 16_384;

    private const int MaxPages = 32;
    private const int MaxName = 128;

    /// <param name="settings">The allow-list.</param>
    /// <param name="client">The connection.</param>
    /// <param name="report">Is called for each reason why a tool is left out.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<IReadOnlyList<McpClientTool>> ReadAsync(
        McpServerSettings settings, McpClient client, Action<string> report, CancellationToken cancellationToken)
    {
        List<McpClientTool> tools = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        string? cursor = null;
        for (int page = 0; page < MaxPages; page++)
        {
            ListToolsResult result = await client.ListToolsAsync(new ListToolsRequestParams { Cursor = cursor }, cancellationToken).ConfigureAwait(false);
            foreach (Tool tool in result.Tools)
            {
                if (settings.Tools.Count > 0 && !settings.Tools.Contains(tool.Name))
                {
                    continue;
                }

                if (tool.Name.Length is 0 or > MaxName || tool.InputSchema.GetRawText().Length > MaxSchema)
                {
                    report($"the tool {McpText.Cut(tool.Name, MaxName)} is left out, because its name or its schema is too long");
                }
                else if (tools.Count == MaxTools)
                {
                    report(FormattableString.Invariant($"it has more than {MaxTools} tools; the others are left out. The setting Tools selects some of them"));
                    return tools;
                }
                else if (names.Add(tool.Name))
                {
                    tools.Add(new McpClientTool(client, tool));
                }
            }

            cursor = result.NextCursor;
            if (string.IsNullOrEmpty(cursor))
            {
                break;
            }
        }

        string[] missing = [.. settings.Tools.Where(name => !names.Contains(name))];
        if (missing.Length > 0)
        {
            report($"it has no tools {string.Join(", ", missing)}, which the setting Tools names");
        }

        return tools;
    }
}
