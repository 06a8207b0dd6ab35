using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Conversation.Tools;

/// <summary>One tool of this server.</summary>
internal sealed class ServerTool(
    string name, string description, JsonElement schema, Func<AIFunctionArguments, CancellationToken, ValueTask<object?>> run) : AIFunction
{
    public override string Name => name;

    public override string Description => description;

    public override JsonElement JsonSchema => schema;

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => run(arguments, cancellationToken);
}
