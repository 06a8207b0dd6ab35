using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace FastGate.Tests.Fuzz.Lives;

/// <summary>Keeps the lines of the level Error and above of everything that logs in a life.</summary>
internal sealed class ErrorLines : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(int Id, string Text)> _lines = new();

    public IEnumerable<(int Id, string Text)> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        // Every line is made, because a line can fail too.
        string text = formatter(state, exception);
        if (logLevel >= LogLevel.Error)
        {
            _lines.Enqueue((eventId.Id, $"{text} {exception}"));
        }
    }

    public void Dispose()
    {
    }
}
