using Microsoft.Extensions.Logging;

namespace FastGate.Tests.Memory;

/// <summary>Records log lines and lets a test wait for an event id.</summary>
internal sealed class RecordingLogger<T> : ILogger<T>
{
    private readonly Lock _gate = new();
    private readonly List<(int Id, string Text)> _lines = [];
    private readonly List<(int Id, TaskCompletionSource Source)> _waiters = [];

    public IReadOnlyList<(int Id, string Text)> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public int Count(int id) => Lines.Count(line => line.Id == id);

    /// <summary>Completes once the event is logged; at once when it was logged before the call.</summary>
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
            return source.Task.WaitAsync(TestMemory.Timeout);
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
        {
            _lines.Add((eventId.Id, formatter(state, exception)));
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
