using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace FastGate.Tests.Configuration;

/// <summary>Keeps what was logged, as text.</summary>
internal sealed class RecordingLogger<T> : ILogger<T>
{
    private readonly ConcurrentQueue<(LogLevel Level, int Id, string Text)> _lines = new();

    public IEnumerable<(LogLevel Level, int Id, string Text)> Lines => _lines;

    public IEnumerable<string> WithId(int id) => _lines.Where(line => line.Id == id).Select(static line => line.Text);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((logLevel, eventId.Id, formatter(state, exception)));
}
