using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Tools.Device;

/// <summary>A method of a thing, or without one the question for its state, as the model calls it.</summary>
internal sealed class IotFunction(IotThings things, IotThing thing, IotMethod? method, string name) : AIFunction
{
    public override string Name { get; } = name;

    public override string Description { get; } = method is null
        ? $"The current state of {thing.Name}: {thing.Description}"
        : thing.Description.Length == 0 ? method.Description : $"{thing.Description}: {method.Description}";

    public override JsonElement JsonSchema => method?.Schema ?? ToolSchema.Empty;

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(method is null
            ? thing.State ?? "The device has not reported its state yet."
            : things.Send(thing.Name, method.Name, arguments));
    }
}
