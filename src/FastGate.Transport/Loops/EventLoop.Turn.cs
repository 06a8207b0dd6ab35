using System.Diagnostics;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Loops;

/// <summary>
/// One turn: wait, accept what was left over, handle the events and close what each has ended, accept, handle posted actions, signals and connections with
/// more than their share, close the rest. Connections with more input than their share wait in a queue that gets a bounded time of each turn, so they delay
/// each other and not the rest.
/// </summary>
internal sealed partial class EventLoop
{
    /// <summary>Bytes that the connections with more than their share read in a round, while they are few enough for it.</summary>
    private const int BytesPerRound = 256 * 1024;

    /// <summary>Smallest share: it holds any message of a device's speech or text, and some 200 of the smallest.</summary>
    private const int SmallestShare = 4 * 1024;

    /// <summary>Events checked between two looks at the time.</summary>
    private const int EventsPerLook = 16;

    /// <summary>How many events before its own a connection is loaded into the cache.</summary>
    private const int PrefetchAhead = 4;

    /// <summary>Time of a turn for the connections with more than their share.</summary>
    private static readonly long s_readyTime = Stopwatch.Frequency / 1000;

    /// <summary>Time of a turn after which the remaining events get the smallest share. 512 small messages take less.</summary>
    private static readonly long s_eventTime = Stopwatch.Frequency / 100;

    private static readonly TimeSpan s_pauseAfterFailedCall = TimeSpan.FromMilliseconds(10);

    private void Run()
    {
        _threadId = Environment.CurrentManagedThreadId;
        Volatile.Write(ref _task, LinuxProcess.CurrentTask());

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

        Array.ForEach(_listeners, static listener => listener.Dispose());
        Closer.CloseAll();
        Buffers.Release();
    }

    private void Turn()
    {
        int count = Wait();
        if (count < 0)
        {
            OnWaitFailed(count);
        }

        TurnTickMs = Environment.TickCount64;
        BytesPerRead = Math.Clamp(BytesPerRound / Math.Max(_ready.Count, 1), SmallestShare, SegmentPool.LargestSize);

        // Connects that were left over go first; at most one batch in a turn, so that the open connections are served between two batches.
        bool accepted = Array.Exists(_listeners, static listener => listener.HasMore);
        if (accepted)
        {
            AcceptBatches();
        }

        RunEvents(count);
        if (!accepted)
        {
            AcceptBatches();
        }

        RunPosted();
        RunSignaled();
        RunReady();
        Closer.Sweep();
    }

    private void AcceptBatches()
    {
        foreach (EventLoopListener listener in _listeners)
        {
            listener.AcceptBatch();
        }
    }

    private int Wait()
    {
        bool isBusy = _ready.Count > 0 || _signaledRest is not null;

        // As an unsigned number, -1 (no limit) is the largest.
        int timeoutMs = Closer.TimeoutMs;
        foreach (EventLoopListener listener in _listeners)
        {
            isBusy |= listener.HasMore;
            timeoutMs = (int)Math.Min((uint)timeoutMs, (uint)listener.TimeoutMs);
        }

        if (isBusy)
        {
            return _events.Wait(_epoll, 0);
        }

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

    /// <summary>Only a defect makes a wait fail. The loop must still serve what needs no event, and neither spin nor be silent about it.</summary>
    private void OnWaitFailed(int error)
    {
        Report(new IOException($"epoll_wait: {LinuxError.Describe(error)}"));
        Thread.Sleep(s_pauseAfterFailedCall);
    }

    private void RunEvents(int count)
    {
        long until = count > EventsPerLook ? Stopwatch.GetTimestamp() + s_eventTime : long.MaxValue;
        for (int i = 0; i < count; i++)
        {
            if (i % EventsPerLook == 0 && until != long.MaxValue && Stopwatch.GetTimestamp() > until)
            {
                BytesPerRead = SmallestShare;
                until = long.MaxValue;
            }

            if (i + PrefetchAhead < count)
            {
                LoopConnection.Prefetch(Connections.InSlot(_events.Data(i + PrefetchAhead)));
            }

            Dispatch(_events.Data(i), _events.Events(i));
        }

        SendAnswers();
    }

    /// <summary>What the next connection may read. The smaller shares are single reads.</summary>
    public void BeginShare() => ReadsLeft = BytesPerRead == SegmentPool.LargestSize ? LoopConnection.ReadsPerTurn : 1;

    private void Dispatch(ulong data, uint events)
    {
        if (data <= LastLoopData)
        {
            if (data != WakeData)
            {
                _listeners[data - FirstListenerData].OnReadable();
            }

            return;
        }

        LoopConnection? connection = Connections.Find(data);
        if (connection is null)
        {
            StaleEvents++;
            return;
        }

        connection.PrefetchHandler();
        BeginShare();
        try
        {
            connection.OnEvents(events);
        }
        catch (Exception exception)
        {
            AbortFaulted(connection, exception);
        }

        if (connection.IsClosePending)
        {
            Closer.CloseEnded();
        }
    }

    private void RunPosted()
    {
        // Only those present now: an action may post another.
        for (int left = _posted.Count; left > 0 && _posted.TryDequeue(out (Action<object?> Action, object? State) item); left--)
        {
            try
            {
                BeginShare();
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

            // Before the callback: the rest of the list must be found again whatever the callback throws.
            _signaledRest = next;
            BeginShare();
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
    }

    private void RunReady()
    {
        if (_ready.Count == 0)
        {
            return;
        }

        // Serve only the connections that are in the queue now, in order: one that must be served again waits behind all others.
        long until = Stopwatch.GetTimestamp() + s_readyTime;
        for (int left = _ready.Count; left > 0 && Stopwatch.GetTimestamp() <= until; left--)
        {
            LoopConnection connection = _ready.Dequeue();
            BeginShare();
            try
            {
                connection.OnTurn();
            }
            catch (Exception exception)
            {
                AbortFaulted(connection, exception);
            }
        }

        SendAnswers();
    }

    /// <summary>A continuation without a task has thrown: abort its connection only.</summary>
    private void AbortFaulted(LoopConnection connection, Exception exception)
    {
        Faulted(connection, exception);
        connection.Abort(new ConnectionAbortedException("The handler failed.", exception));
        Buffers.EndLoans();
    }

    /// <summary>A defect that belongs to no connection of the loop, or a failed adoption.</summary>
    public void Report(Exception exception)
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
