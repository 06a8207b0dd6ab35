using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.Diagnostics;
using FastGate.Llm.Calls;
using FastGate.Llm.Failures;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace FastGate.Conversation.Tools;

/// <summary>
/// Runs the tool calls of one round, one after the other. Every call gets a result, because providers refuse a call without one: also an unknown,
/// invalid, interrupted or failed call.
/// </summary>
internal sealed class ToolRunner(ConversationMetrics metrics, ILogger logger, TimeProvider time)
{
    /// <summary>Calls of one round that are run; further ones are refused.</summary>
    public const int MaxCalls = 16;

    /// <summary>The tools of a turn may take this many timeouts together: a turn holds one of the workers' slots.</summary>
    public const int TimeoutsOfTurn = 2;

    private const int LongestReason = 200;

    /// <summary>Adds the model's calls and their results to the exchange.</summary>
    public async Task RunAsync(
        ToolSet tools, ToolExchange exchange, string text, IReadOnlyList<FunctionCallContent> calls, TimeSpan timeout, LlmCancellation cancellation)
    {
        calls = exchange.AddCalls(text, calls);
        var results = new List<AIContent>(calls.Count);
        for (int i = 0; i < calls.Count; i++)
        {
            TimeSpan left = (TimeoutsOfTurn * timeout) - exchange.Spent;
            long startedAt = time.GetTimestamp();
            results.Add(await RunAsync(tools, calls[i], i < MaxCalls, left < timeout ? left : timeout, cancellation));
            exchange.Spent += time.GetElapsedTime(startedAt);
        }

        exchange.AddResults(new ChatMessage(ChatRole.Tool, results));
    }

    private async Task<FunctionResultContent> RunAsync(ToolSet tools, FunctionCallContent call, bool admitted, TimeSpan timeout, LlmCancellation cancellation)
    {
        long startedAt = time.GetTimestamp();
        bool known = tools.TryFind(call.Name, out ToolOrigin origin, out AIFunction function);
        using Activity? span = GatewayTracing.StartTool(known ? call.Name : null, call.CallId, origin);
        (ToolOutcome outcome, object? result) = cancellation.IsRequested ? (ToolOutcome.Cancelled, "interrupted by the user")
            : !known ? (ToolOutcome.Refused, "there is no such tool")
            : !admitted ? (ToolOutcome.Refused, "too many calls at once")
            : timeout <= TimeSpan.Zero ? (ToolOutcome.Refused, "no time is left for tools in this turn")
            : await InvokeAsync(function, call, timeout, cancellation);
        GatewayTracing.SetOutcome(span, outcome, failed: outcome is not (ToolOutcome.Completed or ToolOutcome.Cancelled));
        metrics.ToolCalled(origin, outcome, time.GetElapsedTime(startedAt));
        if (outcome == ToolOutcome.Completed)
        {
            return new FunctionResultContent(call.CallId, ToolResultText.Of(result));
        }

        string reason = ToolResultText.Of(result);
        if (outcome != ToolOutcome.Cancelled)
        {
            logger.ToolFailed(known ? call.Name : "?", origin, outcome, LogText.Shorten(reason, LongestReason));
        }

        return new FunctionResultContent(call.CallId, "error: " + reason) { Exception = new InvalidOperationException(reason) };
    }

    private async Task<(ToolOutcome Outcome, object? Result)> InvokeAsync(
        AIFunction function, FunctionCallContent call, TimeSpan timeout, LlmCancellation cancellation)
    {
        if (!TryReadArguments(function, call, out AIFunctionArguments arguments, out string error))
        {
            return (ToolOutcome.Invalid, error);
        }

        using var deadline = new CancellationTokenSource(timeout, time);
        cancellation.Attach(deadline);
        try
        {
            deadline.Token.ThrowIfCancellationRequested();

            // On the pool: a tool that blocks must not hold up the turns of other devices.
            Task<object?> running = Task.Run(() => function.InvokeAsync(arguments, deadline.Token).AsTask(), CancellationToken.None);
            _ = running.ContinueWith(
                static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return (ToolOutcome.Completed, await running.WaitAsync(deadline.Token));
        }
        catch (Exception exception)
        {
            return cancellation.IsRequested ? (ToolOutcome.Cancelled, "interrupted by the user")
                : deadline.IsCancellationRequested ? (ToolOutcome.TimedOut, $"no result within {timeout.TotalSeconds:0.#} s")
                : (ToolOutcome.Failed, exception.Message);
        }
        finally
        {
            cancellation.Detach();
        }
    }

    private static bool TryReadArguments(AIFunction function, FunctionCallContent call, out AIFunctionArguments arguments, out string error)
    {
        arguments = [];
        if (call.Exception is not null)
        {
            error = "the arguments are not a JSON object";
            return false;
        }

        try
        {
            var values = new JsonObject();
            foreach ((string name, object? value) in call.Arguments ?? new Dictionary<string, object?>())
            {
                values[name] = value is JsonElement element ? JsonNode.Parse(JsonMarshal.GetRawUtf8Value(element)) : null;
            }

            if (ArgumentCheck.Check(function.JsonSchema, values) is { } wrong)
            {
                error = wrong;
                return false;
            }

            foreach ((string name, JsonNode? value) in values)
            {
                arguments[name] = value is null ? null : JsonElement.Parse(value.ToJsonString());
            }

            error = "";
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // Half a surrogate pair, which no text can hold.
            error = "the arguments are not legible";
            return false;
        }
    }
}
