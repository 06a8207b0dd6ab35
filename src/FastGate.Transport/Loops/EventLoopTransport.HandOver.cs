using FastGate.Transport.HandOver;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Loops;

/// <summary>Giving listeners and connections away, and taking them over.</summary>
public sealed partial class EventLoopTransport
{
    private volatile bool _isPaused;
    private int _adoptions;

    /// <inheritdoc/>
    public int DetachingRoom => int.MaxValue;

    /// <inheritdoc/>
    public IReadOnlyList<int> Listeners =>
        [.. _descriptors, .. _listeners.Select(static listener => listener.Descriptor).Where(static descriptor => descriptor >= 0)];

    /// <inheritdoc/>
    public async ValueTask PauseAcceptingAsync()
    {
        _isPaused = true;
        await Task.WhenAll(_listeners.Select(listener => RunAsync(
            listener.Loop,
            () =>
            {
                // The latest call decides, whatever the order in which the loops come to it.
                listener.Hold(_isPaused);
                return true;
            })));
    }

    /// <inheritdoc/>
    public void ResumeAccepting()
    {
        _isPaused = false;

        // A new connection may replace an adopted connection, never the other way round: first every loop runs the adoptions posted before.
        EventLoopListener[] listeners = _listeners;
        int left = _loops.Length;
        foreach (EventLoop loop in _loops)
        {
            loop.Post(
                _ =>
                {
                    if (Interlocked.Decrement(ref left) == 0)
                    {
                        Array.ForEach(listeners, listener => listener.Loop.Post(_ => listener.Hold(_isPaused), null));
                    }
                },
                null);
        }
    }

    /// <inheritdoc/>
    public void Adopt(DetachedSocket socket, object? state)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (_connectionDelegate is null || Volatile.Read(ref _disposed) != 0)
        {
            throw new InvalidOperationException("The transport does not run.");
        }

        // The loops share the connections evenly; the kernel does the same with new ones.
        EventLoop loop = _loops[(uint)Interlocked.Increment(ref _adoptions) % (uint)_loops.Length];
        ConnectionDelegate connectionDelegate = _connectionDelegate;
        loop.Post(_ => LoopAdoption.Run(loop, socket, state, connectionDelegate), null);
    }

    /// <inheritdoc/>
    public Task AdoptAsync(IAdoptionSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return _connectionDelegate is null || Volatile.Read(ref _disposed) != 0
            ? throw new InvalidOperationException("The transport does not run.")
            : new LoopAdoptions(_loops, source, _connectionDelegate).RunAsync();
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<DetachedSocket>> DetachClosingAsync()
    {
        List<DetachedSocket>[] sockets = await Task.WhenAll(_loops.Select(static loop => RunAsync(loop, loop.DetachClosing)));
        return [.. sockets.SelectMany(static list => list)];
    }

    private static Task<T> RunAsync<T>(EventLoop loop, Func<T> action)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(
            _ =>
            {
                try
                {
                    done.SetResult(action());
                }
                catch (Exception exception)
                {
                    done.SetException(exception);
                }
            },
            null);
        return done.Task;
    }
}
