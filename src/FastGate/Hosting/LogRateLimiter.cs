using System.Collections.Concurrent;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>
/// Writes at most <see cref="LinesPerSecond"/> lines a second of each event, and then how many lines it left out: untrusted clients cause
/// log lines. Debug and trace lines are not limited, nor are those of the start, of the configuration and of the audit log, which no untrusted client
/// causes.
/// </summary>
[ProviderAlias("Console")]
internal sealed class LogRateLimiter(ILoggerProvider inner, TimeProvider time) : ILoggerProvider
{
    internal const int LinesPerSecond = 10;

    /// <summary><see cref="AdminLog.AdminActed"/>.</summary>
    private const int AuditEvent = 7300;

    private readonly ConcurrentBag<LimitedLogger> _loggers = [];

    public ILogger CreateLogger(string categoryName)
    {
        var logger = new LimitedLogger(inner.CreateLogger(categoryName), time);
        _loggers.Add(logger);
        return logger;
    }

    /// <summary>Completes when the lines so far are written, if the provider knows.</summary>
    public Task FlushAsync() => (inner as ConsoleLog)?.FlushAsync() ?? Task.CompletedTask;

    public void Dispose()
    {
        foreach (LimitedLogger logger in _loggers)
        {
            logger.Dispose();
        }

        inner.Dispose();
    }

    private static bool IsLimited(LogLevel level, int id) =>
        level is LogLevel.Information or LogLevel.Warning or LogLevel.Error && id is not (>= 1000 and < 1100 or >= 3000 and < 3010 or >= 7000 and < 7200 or AuditEvent);

    /// <summary>The logger of one category. Any thread; a line costs one lookup and one interlocked operation.</summary>
    private sealed class LimitedLogger(ILogger inner, TimeProvider time) : ILogger, IDisposable
    {
        private readonly ConcurrentDictionary<int, LogEventLimit> _limits = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsLimited(logLevel, eventId.Id) || LimitOf(eventId.Id).TryTake())
            {
                LogLine.Write(inner, logLevel, eventId, state, exception, formatter);
            }
        }

        public void Dispose()
        {
            foreach (LogEventLimit limit in _limits.Values)
            {
                limit.Dispose();
            }
        }

        private LogEventLimit LimitOf(int id) =>
            _limits.TryGetValue(id, out LogEventLimit? limit)
                ? limit
                : _limits.GetOrAdd(id, static (id, logger) => logger.NewLimit(id), this);

        private LogEventLimit NewLimit(int id) => new(LinesPerSecond, time, leftOut => inner.LinesLeftOut(leftOut, id));
    }
}
