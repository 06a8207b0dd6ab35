using Microsoft.Extensions.Logging;

namespace FastGate.Tests.Transport;

/// <summary>A logger that throws for every line, as with a full disk.</summary>
internal sealed class ThrowingLoggerFactory : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (exception is not null)
        {
            throw new IOException("no space left");
        }
    }

    public void Dispose()
    {
    }
}
