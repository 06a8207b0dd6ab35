using System.Diagnostics;
using Microsoft.Extensions.Logging;
using ZLogger;

namespace FastGate.Hosting;

/// <summary>Takes the ids of the current trace into a log entry, on the thread that logs: the line is formatted on another one.</summary>
internal sealed class TraceScope : IExternalScopeProvider
{
    public static readonly TraceScope Instance = new();

    /// <summary>The trace id and the span id of the entry, in this order; empty outside of a sampled trace.</summary>
    public static ReadOnlySpan<KeyValuePair<string, object?>> Of(LogInfo info) => info.ScopeState is { } scope ? scope.Properties : default;

    public void ForEachScope<TState>(Action<object?, TState> callback, TState state)
    {
        if (Activity.Current is { } span)
        {
            callback(new KeyValuePair<string, object?>("TraceId", span.TraceId.ToHexString()), state);
            callback(new KeyValuePair<string, object?>("SpanId", span.SpanId.ToHexString()), state);
        }
    }

    public IDisposable Push(object? state) => throw new NotSupportedException();
}
