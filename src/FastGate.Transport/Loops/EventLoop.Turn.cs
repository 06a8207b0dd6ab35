using FastGate.Transport.Diagnostics;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Loops;

/// <summary>What the loop does over and over: wait, serve the events, accept, look at what others asked for, close.</summary>
internal sealed partial class EventLoop
{
    private void Run()
    {
        _threadId = Environment.CurrentManagedThreadId;

        // This method never returns and is therefore optimised only while it runs: the work is in the one it calls.
        while (!_stopping)
        {
            try
            {
                Turn();
            }
            catch (Exception exception)
            {
                // A bug of ours, not of a connection: a handler's exceptions end in its task. The loop carries many others.
                Report(exception);
            }
        }

        _listener?.Dispose();
        Closer.CloseAll();
        Buffers.Release();
    }

    private void Turn()
    {
        int count = Wait();
        for (int i = 0; i < count; i++)
        {
            Dispatch(_events.Data(i), _events.Events(i));
        }

        _listener?.AcceptBatch();
        RunPosted();
        RunSignaled();
        RunReady();
        Closer.Sweep();
    }

    private int Wait()
    {
        if (_ready.Count > 0 || _signaledBefore is not null || _listener is { HasMore: true })
        {
            return _events.Wait(_epoll, 0);
        }

        // As unsigned numbers, "for ever" is the largest.
        int timeoutMs = (int)Math.Min((uint)Closer.TimeoutMs, (uint)(_listener?.TimeoutMs ?? -1));
        Volatile.Write(ref _sleeping, 1);
        Interlocked.MemoryBarrier();
        if (!_signaled.IsEmpty || !_posted.IsEmpty || _stopping)
        {
            timeoutMs = 0;
        }

        int count = _events.Wait(_epoll, timeoutMs);
        Volatile.Write(ref _sleeping, 0);
        return count;
    }

    private void Dispatch(ulong data, uint events)
    {
        if (data <= ListenerData)
        {
            if (data == ListenerData)
            {
                _listener?.OnReadable();
            }

            return;
        }

        LoopConnection? connection = Connections.Find(data);
        if (connection is null)
        {
            return;
        }

        ReadsLeft = LoopConnection.ReadsPerTurn;
        try
        {
            connection.OnEvents(events);
        }
        catch (Exception exception)
        {
            AbortFaulted(connection, exception);
        }
    }

    private void RunPosted()
    {
        // No more than were there: an action may post the next.
        for (int left = _posted.Count; left > 0 && _posted.TryDequeue(out (Action<object?> Action, object? State) item); left--)
        {
            try
            {
                ReadsLeft = LoopConnection.ReadsPerTurn;
                item.Action(item.State);
            }
            catch (Exception exception)
            {
                Report(exception);
            }

            Buffers.EndLoans();
        }
    }

    private void RunSignaled()
    {
        _signaledBefore ??= _signaled.TakeAllInOrder();

        // A drain signals every connection at once: those with bytes to read are served in between.
        LoopConnection? connection = _signaledBefore;
        for (int left = SignalsPerTurn; connection is not null && left > 0; left--)
        {
            LoopConnection? next = connection.Next;
            connection.Next = null;
            ReadsLeft = LoopConnection.ReadsPerTurn;
            try
            {
                connection.OnSignals();
            }
            catch (Exception exception)
            {
                AbortFaulted(connection, exception);
            }

            connection = next;
        }

        _signaledBefore = connection;
    }

    private void RunReady()
    {
        if (_ready.Count == 0)
        {
            return;
        }

        (_ready, _readyBefore) = (_readyBefore, _ready);
        foreach (LoopConnection connection in _readyBefore)
        {
            ReadsLeft = LoopConnection.ReadsPerTurn;
            try
            {
                connection.OnTurn();
            }
            catch (Exception exception)
            {
                AbortFaulted(connection, exception);
            }
        }

        _readyBefore.Clear();
    }

    /// <summary>A continuation that is no task of its own has thrown: that ends its connection, and nothing else.</summary>
    private void AbortFaulted(LoopConnection connection, Exception exception)
    {
        Faulted(connection, exception);
        connection.Abort(new ConnectionAbortedException("The handler failed.", exception));
        Buffers.EndLoans();
    }

    private void Report(Exception exception)
    {
        try
        {
            _metrics.ConnectionFaulted();
            _logger.LoopFaulted(_index, exception);
        }
        catch (Exception)
        {
            // A system so short of everything that not even this can be said; the loop still has connections to serve.
        }
    }
}
