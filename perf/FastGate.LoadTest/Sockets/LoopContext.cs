using FastGate.Transport.Linux;

namespace FastGate.LoadTest.Sockets;

/// <summary>Brings continuations of other threads to the thread of a loop, which it wakes by an eventfd.</summary>
internal sealed class LoopContext : SynchronizationContext, IDisposable
{
    private readonly Lock _gate = new();
    private List<(SendOrPostCallback Callback, object? State)> _posted = [];
    private List<(SendOrPostCallback Callback, object? State)> _running = [];
    private bool _disposed;

    public int Event { get; } = LinuxError.ThrowIfError(LinuxEpoll.CreateEvent(), "eventfd");

    /// <summary>What is posted after the loop has ended is dropped.</summary>
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _posted.Add((d, state));
            if (_posted.Count == 1)
            {
                LinuxEpoll.WriteEvent(Event);
            }
        }
    }

    public override SynchronizationContext CreateCopy() => this;

    public void RunPosted()
    {
        lock (_gate)
        {
            (_posted, _running) = (_running, _posted);
        }

        foreach ((SendOrPostCallback callback, object? state) in _running)
        {
            callback(state);
        }

        _running.Clear();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _ = LinuxSocket.Close(Event);
        }
    }
}
