using Microsoft.Extensions.Logging;

namespace FastGate.Tests;

/// <summary>Records log lines as text, and lets a test wait for an event id.</summary>
internal sealed class RecordingLogger<T> : ILogger<T>
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly List<(LogLevel Level, int Id, string Text)> _lines = [];
    private readonly List<(int Id, TaskCompletionSource Source)> _waiters = [];

    public IReadOnlyList<(LogLevel Level, int Id, string Text)> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public IEnumerable<string> WithId(int id) => Lines.Where(line => line.Id == id).Select(static line => line.Text);

    public int Count(int id) => Lines.Count(line => line.Id == id);

    /// <summary>Completes when the event was logged, before or after this call.</summary>
    public Task Logged(int id)
    {
        lock (_gate)
        {
            if (_lines.Exists(line => line.Id == id))
            {
                return Task.CompletedTask;
            }

            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((id, source));
            return source.Task.WaitAsync(s_timeout);
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
        {
            _lines.Add((logLevel, eventId.Id, formatter(state, exception)));
            foreach ((int id, TaskCompletionSource source) in _waiters)
            {
                if (id == eventId.Id)
                {
                    source.TrySetResult();
                }
            }
        }
    }
}
