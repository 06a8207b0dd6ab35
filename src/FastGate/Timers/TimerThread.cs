using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Timers;

/// <summary>
/// The one thread that turns the wheel. Requests reach it through <see cref="TimerIntake"/> and are carried out at the next
/// tick, so that arming and cancelling wake nobody; only while nothing at all is armed does the thread sleep until it is woken.
/// </summary>
/// <remarks>
/// Owner of the wheel is the thread named fastgate-timer; every public member may be called from any thread, and from callbacks.
///
/// Why the parked thread is not missed: it sets <c>_parked</c> by an exchange and then looks at the intake; a request puts its
/// entry into the intake by an interlocked step and then looks at <c>_parked</c>. Both steps are full fences, so
/// at least one of the two sees the other. Whoever turns <c>_parked</c> back is the one that signals.
/// </remarks>
internal sealed class TimerThread : IDisposable
{
    /// <summary>
    /// The clock goes forward in steps of the kernel's own tick, 1 to 10 ms: a thread that slept exactly until the next tick of the wheel would
    /// still read the step before, and sleep again, and again.
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
    /// Files the entry by its deadline: to arm it first, or after the deadline moved nearer. Moving it away needs no call.
    /// The deadline must be stored before. Does nothing once the thread has been disposed of.
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
    /// Takes the entry out. A callback that runs already is not waited for; none begins once this has returned and that one has
    /// ended. The entry is let go of within a tick.
    /// </summary>
    public void Cancel(TimerEntry entry)
    {
        if (Volatile.Read(ref _stopping) == 0)
        {
            _intake.Cancel(entry);
            WakeIfParked();
        }
    }

    /// <summary>Stops ticking; what is armed never fires. Waits for a running callback, within bounds.</summary>
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

    // Everything is caught inside: nothing that an owner of an entry does may end the thread.
    private void Turn(bool woken)
    {
        Exception? failure = _intake.DrainInto(_wheel);
        long now = _clock.NowMs;
        // A thread that was parked had no tick to be late for.
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
            if (_intake.IsEmpty && Volatile.Read(ref _stopping) == 0)
            {
                _wake.WaitOne();
            }

            Volatile.Write(ref _parked, 0);
            return true;
        }

        // A sleep costs half of what a timed wait on the event does, and that is most of what an idle fleet's timers cost. Nobody
        // has to end it early but Dispose, which can wait for a tick.
        long wait = _wheel.NextTickAt - _clock.NowMs;
        if (wait > 0)
        {
            Thread.Sleep((int)Math.Min(wait, TimerWheel.TickMs) + ClockStepMs);
        }

        return false;
    }
}
