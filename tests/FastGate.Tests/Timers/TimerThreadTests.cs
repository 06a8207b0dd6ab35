using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.CompilerServices;
using FastGate.Diagnostics;
using FastGate.Timers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Timers;

public sealed class TimerThreadTests : IDisposable
{
    // Only a hang lasts this long.
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(30);

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
    public void An_armed_entry_fires_when_the_clock_has_passed_its_deadline_on_the_timer_thread()
    {
        string? thread = null;
        var entry = new SignallingEntry { Then = () => thread = Thread.CurrentThread.Name };
        long deadline = entry.Deadline = _clock.NowMs + 3_600_000;
        _thread.Schedule(entry);
        PassATick();
        Assert.Equal(0, entry.Fired);

        _clock.Turn(TimeSpan.FromHours(1));
        entry.AwaitFired();
        Assert.Equal(1, entry.Fired);
        Assert.True(entry.FiredAt >= deadline);
        Assert.Equal("fastgate-timer", thread);
    }

    [Fact]
    public void A_parked_thread_is_woken_time_and_again()
    {
        for (int i = 0; i < 1000; i++)
        {
            var entry = new SignallingEntry { Deadline = 0 };
            _clock.Turn(TimeSpan.FromMilliseconds(TimerWheel.TickMs));
            _thread.Schedule(entry);
            entry.AwaitFired();
        }
    }

    /// <summary>What an idle fleet's timers cost is wake-ups, three for a tick before the thread slept past the step of the clock.</summary>
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
        Assert.True(done.Wait(s_hang));

        // Twice as many: whoever wakes while the others' garbage is being collected waits for that too.
        Assert.InRange(sleeps[Ticks] - sleeps[0], 1, 2 * Ticks);
    }

    [Fact]
    public void A_deadline_moved_nearer_is_met_and_one_moved_away_is_left_alone()
    {
        var nearer = new SignallingEntry { Deadline = _clock.NowMs + 3_600_000 };
        var away = new SignallingEntry { Deadline = _clock.NowMs + 60_000 };
        _thread.Schedule(nearer);
        _thread.Schedule(away);
        PassATick();

        nearer.Deadline = _clock.NowMs + 60_000;
        _thread.Schedule(nearer);
        away.Deadline = _clock.NowMs + 3_600_000;
        _clock.Turn(TimeSpan.FromMinutes(2));
        nearer.AwaitFired();
        PassATick();
        Assert.Equal(0, away.Fired);
    }

    [Fact]
    public void A_cancelled_entry_never_fires_and_cancelling_is_idempotent()
    {
        var entry = new SignallingEntry { Deadline = _clock.NowMs + 60_000 };
        _thread.Schedule(entry);
        PassATick();
        Parallel.For(0, 8, _ => _thread.Cancel(entry));

        _clock.Turn(TimeSpan.FromMinutes(2));
        PassATick();
        Assert.Equal(0, entry.Fired);
    }

    [Fact]
    public void A_cancelled_entry_is_let_go_of_within_a_tick()
    {
        WeakReference gone = ScheduleAndCancel();
        PassATick();
        GC.Collect();
        Assert.False(gone.IsAlive);
    }

    [Fact]
    public void A_callback_that_throws_is_counted_and_the_thread_goes_on()
    {
        for (int i = 0; i < 3; i++)
        {
            var broken = new SignallingEntry { Deadline = 0, Then = () => throw new InvalidOperationException("on purpose") };
            _thread.Schedule(broken);
            broken.AwaitFired();
        }

        PassATick();
        AwaitReading("fastgate.timers.failed", failed => failed == 3);
    }

    [Fact]
    public void The_instruments_tell_what_is_armed_has_fired_and_was_filed_anew()
    {
        SignallingEntry[] entries = [.. Enumerable.Range(0, 10).Select(_ => new SignallingEntry { Deadline = _clock.NowMs + 60_000 })];
        Array.ForEach(entries, _thread.Schedule);
        AwaitReading("fastgate.timers.armed", armed => armed == 10);

        Array.ForEach(entries[..4], entry => entry.Deadline += 3_600_000);
        _clock.Turn(TimeSpan.FromMinutes(2));
        AwaitReading("fastgate.timers.fired", fired => fired == 6);
        AwaitReading("fastgate.timers.armed", armed => armed == 4);
        AwaitReading("fastgate.timers.refiled", refiled => refiled == 4);
        // The clock jumped by two minutes: that is how late the tick was.
        AwaitReading("fastgate.timers.tick.lateness.max", seconds => seconds >= 119);
    }

    [Fact]
    public void Arming_and_cancelling_allocate_nothing()
    {
        SignallingEntry[] entries = [.. Enumerable.Range(0, 500).Select(_ => new SignallingEntry { Deadline = _clock.NowMs + 60_000 })];
        AskForAll(entries);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AskForAll(entries);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void After_disposal_nothing_fires_and_asking_is_harmless()
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
    public void A_callback_may_dispose_of_the_thread_it_runs_on()
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

    // Requests made before these are carried out before them, and a tick lies between the first and the second.
    private void PassATick()
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
        PassATick();
        _thread.Cancel(entry);
        return new WeakReference(entry);
    }

    private void AskForAll(SignallingEntry[] entries)
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

    // The instruments are brought up to date at the end of a tick, after its callbacks.
    private void AwaitReading(string instrument, Predicate<double> expected) =>
        Assert.True(SpinWait.SpinUntil(() => expected(Read(instrument)), s_hang), $"{instrument} stays at {Read(instrument)}.");

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

        public void AwaitFired() => Assert.True(_signal.Task.Wait(s_hang), "The deadline never fired.");

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
