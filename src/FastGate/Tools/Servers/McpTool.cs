using System.Text.Json;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Client;

namespace FastGate.Tools.Servers;

/// <summary>One tool of a server under the name that the model sees.</summary>
internal sealed class McpTool(McpServer server, McpClientTool tool, string name) : AIFunction
{
    public override string Name => name;

    public override string Description { get; } = McpText.Cut(tool.Description, McpText.MaxDescription);

    public override JsonElement JsonSchema => tool.JsonSchema;

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        await server.CallAsync(tool.ProtocolTool.Name, arguments, cancellationToken).ConfigureAwait(false);
}
