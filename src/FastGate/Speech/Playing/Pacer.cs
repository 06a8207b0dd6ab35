using System.Diagnostics;
using FastGate.Diagnostics;
using FastGate.Transport.Concurrency;
using Microsoft.Extensions.Logging;

namespace FastGate.Speech.Playing;

/// <summary>
/// One thread that sends the frames of all speaking devices when they are due. The timer wheel's tick of 100 ms is too coarse for frames of
/// 20 to 60 ms. It is started by the first device that speaks, and sleeps while none does.
/// </summary>
/// <remarks>
/// The thread owns the heap. A playback is in the heap at most once: <c>Queued</c> holds the time of its valid entry, and an entry with another
/// time is skipped.
/// </remarks>
internal sealed class Pacer(ILogger logger) : IDisposable
{
    /// <summary>No frame is due.</summary>
    public const long Never = long.MaxValue;

    private static readonly TimeSpan s_joinLimit = TimeSpan.FromSeconds(1);

    private readonly AutoResetEvent _wake = new(false);
    private readonly PriorityQueue<Playback, long> _due = new();
    private readonly Dictionary<Playback, long> _queued = [];
    private IntrusiveStack<Playback> _intake;
    private Thread? _thread;
    private volatile bool _stopping;

    /// <summary>There is something new for this playback. Any thread.</summary>
    public void Signal(Playback playback)
    {
        _intake.Push(playback);
        if (Volatile.Read(ref _thread) is null && !_stopping)
        {
            Start();
        }

        _wake.Set();
    }

    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        Volatile.Read(ref _thread)?.Join(s_joinLimit);
    }

    /// <summary>Not <see cref="Environment.TickCount64"/>, whose steps are up to 10 ms.</summary>
    internal static long NowMs() => (long)Stopwatch.GetElapsedTime(0).TotalMilliseconds;

    private void Start()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = "fastgate-pacer", Priority = ThreadPriority.AboveNormal };
        if (Interlocked.CompareExchange(ref _thread, thread, null) is null)
        {
            thread.Start();
        }
    }

    private void Run()
    {
        while (!_stopping)
        {
            long next = Tick(NowMs());
            _wake.WaitOne(next == Never ? Timeout.Infinite : (int)Math.Clamp(next - NowMs(), 0, int.MaxValue));
        }
    }

    /// <summary>Sends what is due.</summary>
    /// <returns>When the next frame is due, or <see cref="Never"/>.</returns>
    internal long Tick(long now)
    {
        TakeIntake(now);
        return SendDue(now);
    }

    private void TakeIntake(long now)
    {
        Playback? playback = _intake.TakeAllInOrder();
        while (playback is not null)
        {
            Playback? next = playback.Next;
            playback.Next = null;
            playback.Taken();
            Send(playback, now);
            playback = next;
        }
    }

    private long SendDue(long now)
    {
        while (_due.TryPeek(out Playback? playback, out long due))
        {
            if (due > now)
            {
                return due;
            }

            _due.Dequeue();
            if (_queued.TryGetValue(playback, out long valid) && valid == due)
            {
                _queued.Remove(playback);
                Send(playback, now);
            }
        }

        return Never;
    }

    private void Send(Playback playback, long now)
    {
        long due = Never;
        try
        {
            due = playback.Send(now);
        }
        catch (Exception exception)
        {
            // One device's sound must not stop that of the others.
            logger.PlaybackFaulted(exception);
            playback.Cancel();
        }

        if (due == Never)
        {
            _queued.Remove(playback);
        }
        else if (!_queued.TryGetValue(playback, out long valid) || valid != due)
        {
            _queued[playback] = due;
            _due.Enqueue(playback, due);
        }
    }
}
