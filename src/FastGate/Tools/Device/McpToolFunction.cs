using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Tools.Device;

/// <summary>A tool of a device with MCP, as the model calls it.</summary>
internal sealed class McpToolFunction(McpClient client, DeviceTool tool) : AIFunction
{
    public override string Name => tool.Name;

    public override string Description => tool.Description;

    public override JsonElement JsonSchema => tool.Schema;

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        await client.CallAsync(tool, arguments, cancellationToken);
}
