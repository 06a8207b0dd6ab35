using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Timers;

/// <summary>
/// The thread that turns the wheel. Requests reach it through <see cref="TimerIntake"/> and are carried out at the next tick, so that arming
/// and cancelling wake no thread. While nothing is armed, the thread is parked until a request wakes it.
/// </summary>
/// <remarks>
/// The thread fastgate-timer owns the wheel. Every public member may be called from any thread and from callbacks.
///
/// Why a request always wakes the parked thread: the thread sets <c>_parked</c> by an exchange and then reads the intake; a request puts its
/// entry into the intake by an interlocked step and then reads <c>_parked</c>. Both steps are full fences, so at least one of the two sees
/// the other. The thread that resets <c>_parked</c> sends the signal.
/// </remarks>
internal sealed class TimerThread : IDisposable
{
    /// <summary>
    /// The clock advances in steps of the kernel's tick, 1 to 10 ms. A thread that sleeps exactly until the next tick of the wheel would still
    /// read the previous step and sleep again, several times.
    /// </summary>
    private const int ClockStepMs = 10;

    private static readonly TimeSpan s_joinLimit = TimeSpan.FromSeconds(2);

    private readonly TimerIntake _intake = new();
    private readonly GatewayClock _clock;
    private readonly TimersMetrics _metrics;
    private readonly ILogger _logger;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;

    // Owned by the timer thread once it runs.
    private readonly TimerWheel _wheel;

    private int _parked;
    private int _stopping;

    // Set by the thread that wants the list, taken by the timer thread.
    private TaskCompletionSource<List<TimerEntry>>? _listing;

    public TimerThread(GatewayClock clock, TimersMetrics metrics, ILogger<TimerThread> logger)
    {
        _clock = clock;
        _metrics = metrics;
        _logger = logger;
        _wheel = new TimerWheel(clock.NowMs);
        _thread = new Thread(Run) { IsBackground = true, Name = "fastgate-timer" };
        _thread.Start();
    }

    /// <summary>
    /// Files the entry by its deadline: to arm it, or after the deadline moved earlier. Moving it later needs no call. The deadline must be
    /// stored before the call. Does nothing after Dispose.
    /// </summary>
    public void Schedule(TimerEntry entry)
    {
        if (Volatile.Read(ref _stopping) == 0)
        {
            _intake.Arm(entry);
            WakeIfParked();
        }
    }

    /// <summary>
    /// Removes the entry; its reference is released within a tick. Does not wait for a running callback; after this call has returned and that
    /// callback has ended, no other begins.
    /// </summary>
    public void Cancel(TimerEntry entry)
    {
        if (Volatile.Read(ref _stopping) == 0)
        {
            _intake.Cancel(entry);
            WakeIfParked();
        }
    }

    /// <summary>
    /// The entries that have a deadline, from the next tick. One caller at a time; never completes after Dispose.
    /// </summary>
    public Task<List<TimerEntry>> ListAsync()
    {
        var listing = new TaskCompletionSource<List<TimerEntry>>(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _listing, listing);
        WakeIfParked();
        return listing.Task;
    }

    /// <summary>Stops ticking; armed entries never fire. Waits for a running callback for a limited time.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _stopping, 1) != 0)
        {
            return;
        }

        _wake.Set();
        if (Thread.CurrentThread != _thread && _thread.Join(s_joinLimit))
        {
            _wake.Dispose();
        }
    }

    private void WakeIfParked()
    {
        if (Volatile.Read(ref _parked) != 0 && Interlocked.Exchange(ref _parked, 0) != 0)
        {
            _wake.Set();
        }
    }

    private void Run()
    {
        bool woken = true;
        while (Volatile.Read(ref _stopping) == 0)
        {
            Turn(woken);
            woken = WaitForNextTick();
        }
    }

    // Exceptions are caught inside: no owner of an entry may end the thread.
    private void Turn(bool woken)
    {
        TaskCompletionSource<List<TimerEntry>>? listing = Volatile.Read(ref _listing);
        Exception? failure = _intake.DrainInto(_wheel);
        if (listing is not null)
        {
            // What was armed before the request is in the wheel now.
            Interlocked.CompareExchange(ref _listing, null, listing);
            listing.SetResult(_wheel.List());
        }

        long now = _clock.NowMs;
        // After parking there was no tick to be late for.
        long late = woken ? 0 : Math.Max(0, now - _wheel.NextTickAt);
        failure = _wheel.Tick(now) ?? failure;
        long failed = _wheel.Failed + _intake.Failed;
        _metrics.Turned(_wheel.Count, _wheel.Fired, _wheel.Refiled, failed, late, now);
        if (failure is not null)
        {
            _logger.DeadlineFailed(failed, failure);
        }
    }

    /// <returns>Whether the thread was parked rather than ticking.</returns>
    private bool WaitForNextTick()
    {
        if (_wheel.Count == 0)
        {
            Interlocked.Exchange(ref _parked, 1);
            if (_intake.IsEmpty && Volatile.Read(ref _listing) is null && Volatile.Read(ref _stopping) == 0)
            {
                _wake.WaitOne();
            }

            Volatile.Write(ref _parked, 0);
            return true;
        }

        // A sleep costs half as much as a timed wait on the event, and wake-ups are most of the cost of an idle fleet's timers. Only
        // Dispose would end it early, and it can wait for a tick.
        long wait = _wheel.NextTickAt - _clock.NowMs;
        if (wait > 0)
        {
            Thread.Sleep((int)Math.Min(wait, TimerWheel.TickMs) + ClockStepMs);
        }

        return false;
    }
}
