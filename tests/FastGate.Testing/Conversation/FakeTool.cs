using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Testing.Conversation;

/// <summary>A tool that records its arguments and answers as scripted.</summary>
internal sealed class FakeTool(string name, Func<AIFunctionArguments, CancellationToken, Task<object?>> run, string schema = FakeTool.AnySchema) : AIFunction
{
    public const string AnySchema = """{"type":"object","properties":{}}""";

    private readonly JsonElement _schema = JsonElement.Parse(schema);

    /// <summary>Calls begun.</summary>
    public CountSignal Calls { get; } = new();

    /// <summary>The arguments of each call as JSON.</summary>
    public ConcurrentQueue<string> Arguments { get; } = new();

    public override string Name => name;

    public override string Description => "does " + name;

    public override JsonElement JsonSchema => _schema;

    public static FakeTool Returning(string name, object? result, string schema = AnySchema) => new(name, (_, _) => Task.FromResult(result), schema);

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        Arguments.Enqueue(JsonSerializer.Serialize((IDictionary<string, object?>)arguments));
        Calls.Increment();
        return await run(arguments, cancellationToken);
    }
}
