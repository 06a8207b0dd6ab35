using FastGate.Transport.Diagnostics;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Loops;

/// <summary>One turn: wait, handle the events, accept, handle posted actions and signals, close.</summary>
internal sealed partial class EventLoop
{
    private void Run()
    {
        _threadId = Environment.CurrentManagedThreadId;

        // This method runs until the loop ends and is never compiled again, so the work is in a method that returns.
        while (!_stopping)
        {
            try
            {
                Turn();
            }
            catch (Exception exception)
            {
                // A defect of the loop itself: exceptions of handlers end in their tasks. The other connections must be served.
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
        if (_ready.Count > 0 || _signaledRest is not null || _listener is { HasMore: true })
        {
            return _events.Wait(_epoll, 0);
        }

        // As an unsigned number, -1 (no limit) is the largest.
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
        // Only those present now: an action may post another.
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
        _signaledRest ??= _signaled.TakeAllInOrder();

        // Signals may reach every connection at once; events are handled between the batches.
        LoopConnection? connection = _signaledRest;
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

        _signaledRest = connection;
    }

    private void RunReady()
    {
        if (_ready.Count == 0)
        {
            return;
        }

        (_ready, _readyNow) = (_readyNow, _ready);
        foreach (LoopConnection connection in _readyNow)
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

        _readyNow.Clear();
    }

    /// <summary>A continuation without a task has thrown: abort its connection only.</summary>
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
            // Even logging failed; the loop must still serve its connections.
        }
    }
}
