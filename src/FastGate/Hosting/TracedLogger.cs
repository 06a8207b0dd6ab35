using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>Chooses the logger of traced entries within a sampled trace. Others, also those of requests that the framework numbers, have no trace to look up.</summary>
internal sealed class TracedLogger(ILogger plain, ILogger traced) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => plain.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => plain.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        (Activity.Current is { Recorded: true } ? traced : plain).Log(logLevel, eventId, state, exception, formatter);
}
