using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.CompilerServices;
using FastGate.Diagnostics;
using FastGate.Testing;
using FastGate.Timers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Timers;

public sealed class TimerThreadTests : IDisposable
{
    // No passing test waits this long.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly GatewayClock _clock = new();
    private readonly TimersMetrics _metrics;
    private readonly TimerThread _thread;

    public TimerThreadTests()
    {
        _metrics = new TimersMetrics(_services.GetRequiredService<IMeterFactory>());
        _thread = new TimerThread(_clock, _metrics, NullLogger<TimerThread>.Instance);
    }

    [Fact]
    public void An_armed_entry_fires_on_the_timer_thread_after_its_deadline()
    {
        string? thread = null;
        var entry = new SignallingEntry { Then = () => thread = Thread.CurrentThread.Name };
        long deadline = entry.Deadline = _clock.NowMs + 3_600_000;
        _thread.Schedule(entry);
        WaitForTick();
        Assert.Equal(0, entry.Fired);

        _clock.Turn(TimeSpan.FromHours(1));
        entry.AwaitFired();
        Assert.Equal(1, entry.Fired);
        Assert.True(entry.FiredAt >= deadline);
        Assert.Equal("fastgate-timer", thread);
    }

    [Fact]
    public void A_parked_thread_is_woken_by_every_request()
    {
        for (int i = 0; i < 1000; i++)
        {
            var entry = new SignallingEntry { Deadline = 0 };
            _clock.Turn(TimeSpan.FromMilliseconds(TimerWheel.TickMs));
            _thread.Schedule(entry);
            entry.AwaitFired();
        }
    }

    /// <summary>Wake-ups are the cost of an idle fleet's timers; a sleep shorter than the step of the clock causes three per tick.</summary>
    [Fact]
    public void The_thread_sleeps_once_a_tick()
    {
        const int Ticks = 20;
        List<long> sleeps = [];
        using var done = new ManualResetEventSlim();
        SignallingEntry? entry = null;
        entry = new SignallingEntry
        {
            Deadline = 0,
            Then = () =>
            {
                string line = File.ReadLines("/proc/thread-self/status").Single(static text => text.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal));
                sleeps.Add(long.Parse(line.Split(':')[1], CultureInfo.InvariantCulture));
                if (sleeps.Count <= Ticks)
                {
                    entry!.Deadline = 0;
                }
                else
                {
                    done.Set();
                }
            },
        };
        _thread.Schedule(entry);
        Assert.True(done.Wait(s_timeout));

        // Twice as many are allowed, because the thread also waits for garbage collections of other tests.
        Assert.InRange(sleeps[Ticks] - sleeps[0], 1, 2 * Ticks);
    }

    [Fact]
    public void A_deadline_moved_earlier_fires_and_one_moved_later_does_not()
    {
        var earlier = new SignallingEntry { Deadline = _clock.NowMs + 3_600_000 };
        var later = new SignallingEntry { Deadline = _clock.NowMs + 60_000 };
        _thread.Schedule(earlier);
        _thread.Schedule(later);
        WaitForTick();

        earlier.Deadline = _clock.NowMs + 60_000;
        _thread.Schedule(earlier);
        later.Deadline = _clock.NowMs + 3_600_000;
        _clock.Turn(TimeSpan.FromMinutes(2));
        earlier.AwaitFired();
        WaitForTick();
        Assert.Equal(0, later.Fired);
    }

    [Fact]
    public void A_cancelled_entry_never_fires_and_cancelling_is_idempotent()
    {
        var entry = new SignallingEntry { Deadline = _clock.NowMs + 60_000 };
        _thread.Schedule(entry);
        WaitForTick();
        Parallel.For(0, 8, _ => _thread.Cancel(entry));

        _clock.Turn(TimeSpan.FromMinutes(2));
        WaitForTick();
        Assert.Equal(0, entry.Fired);
    }

    [Fact]
    public void A_cancelled_entry_is_released_within_a_tick()
    {
        WeakReference entry = ScheduleAndCancel();
        WaitForTick();
        GC.Collect();
        Assert.False(entry.IsAlive);
    }

    [Fact]
    public void A_callback_that_throws_is_counted_and_the_thread_continues()
    {
        for (int i = 0; i < 3; i++)
        {
            var broken = new SignallingEntry { Deadline = 0, Then = () => throw new InvalidOperationException("on purpose") };
            _thread.Schedule(broken);
            broken.AwaitFired();
        }

        WaitForTick();
        AwaitReading("fastgate.timers.failed", failed => failed == 3);
    }

    [Fact]
    public void The_instruments_report_armed_fired_and_refiled_entries()
    {
        SignallingEntry[] entries = [.. Enumerable.Range(0, 10).Select(_ => new SignallingEntry { Deadline = _clock.NowMs + 60_000 })];
        Array.ForEach(entries, _thread.Schedule);
        AwaitReading("fastgate.timers.armed", armed => armed == 10);

        Array.ForEach(entries[..4], entry => entry.Deadline += 3_600_000);
        _clock.Turn(TimeSpan.FromMinutes(2));
        AwaitReading("fastgate.timers.fired", fired => fired == 6);
        AwaitReading("fastgate.timers.armed", armed => armed == 4);
        AwaitReading("fastgate.timers.refiled", refiled => refiled == 4);
        // The clock jumped by two minutes, so the tick was that late.
        AwaitReading("fastgate.timers.tick.lateness.max", seconds => seconds >= 119);
    }

    [Fact]
    public void Arming_and_cancelling_allocate_nothing()
    {
        SignallingEntry[] entries = [.. Enumerable.Range(0, 500).Select(_ => new SignallingEntry { Deadline = _clock.NowMs + 60_000 })];
        Assert.Equal(0, Allocations.Of(() => ScheduleAndCancelAll(entries), times: 2));
    }

    [Fact]
    public void After_disposal_nothing_fires_and_requests_are_ignored()
    {
        var armed = new SignallingEntry { Deadline = _clock.NowMs + 60_000 };
        _thread.Schedule(armed);
        _thread.Dispose();
        _thread.Dispose();
        _clock.Turn(TimeSpan.FromMinutes(2));
        _thread.Schedule(new SignallingEntry { Deadline = 0 });
        _thread.Cancel(armed);
        Assert.Equal(0, armed.Fired);
    }

    [Fact]
    public void A_callback_may_dispose_the_timer_thread()
    {
        var entry = new SignallingEntry { Deadline = 0, Then = _thread.Dispose };
        _thread.Schedule(entry);
        entry.AwaitFired();
    }

    public void Dispose()
    {
        _thread.Dispose();
        _services.Dispose();
    }

    // Earlier requests are carried out before these two, and a tick lies between the two.
    private void WaitForTick()
    {
        for (int i = 0; i < 2; i++)
        {
            var entry = new SignallingEntry { Deadline = 0 };
            _thread.Schedule(entry);
            entry.AwaitFired();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference ScheduleAndCancel()
    {
        var entry = new SignallingEntry { Deadline = _clock.NowMs + 60_000 };
        _thread.Schedule(entry);
        WaitForTick();
        _thread.Cancel(entry);
        return new WeakReference(entry);
    }

    private void ScheduleAndCancelAll(SignallingEntry[] entries)
    {
        foreach (SignallingEntry entry in entries)
        {
            _thread.Schedule(entry);
        }

        foreach (SignallingEntry entry in entries)
        {
            _thread.Cancel(entry);
        }
    }

    // The instruments are updated at the end of a tick, after its callbacks.
    private void AwaitReading(string instrument, Predicate<double> expected) =>
        Assert.True(SpinWait.SpinUntil(() => expected(Read(instrument)), s_timeout), $"{instrument} stays at {Read(instrument)}.");

    private double Read(string instrument)
    {
        double read = double.NaN;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (published, l) =>
        {
            if (published.Name == instrument && published.Meter.Scope == _services.GetRequiredService<IMeterFactory>())
            {
                l.EnableMeasurementEvents(published);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => read = value);
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => read = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return read;
    }

    private sealed class SignallingEntry : TimerEntry
    {
        private readonly TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _deadline;
        private int _fired;

        public long Deadline
        {
            get => Volatile.Read(ref _deadline);
            set => Volatile.Write(ref _deadline, value);
        }

        public Action? Then { get; init; }

        public int Fired => Volatile.Read(ref _fired);

        public long FiredAt { get; private set; }

        protected internal override long NextDeadline => Deadline;

        public void AwaitFired() => Assert.True(_signal.Task.Wait(s_timeout), "The deadline never fired.");

        protected internal override void OnDeadline(long nowMs)
        {
            Deadline = Never;
            FiredAt = nowMs;
            Interlocked.Increment(ref _fired);
            try
            {
                Then?.Invoke();
            }
            finally
            {
                _signal.TrySetResult();
            }
        }
    }
}
