using FastGate.Timers;

namespace FastGate.Tests.Timers;

/// <summary>
/// Threads arm, move, cancel and arm again while another drains and ticks. Each checks its own entries by counting turns of that thread
/// instead of by the clock.
/// </summary>
public sealed class TimerStressTests
{
    private const int OwnersPerRun = 3;
    private const int EntriesPerOwner = 40;
    private const int Rounds = 250;

    private readonly TimerWheel _wheel = new(0);
    private readonly TimerIntake _intake = new();
    private readonly List<Exception> _failures = [];
    private long _now;
    private long _turns;
    private bool _done;

    [Fact]
    public void No_request_is_lost_and_no_entry_fires_after_its_cancellation()
    {
        CountingEntry[] shared = [.. Enumerable.Range(0, 16).Select(_ => new CountingEntry())];
        var ticker = new Thread(RunWheel) { IsBackground = true };
        Thread[] owners = [.. Enumerable.Range(0, OwnersPerRun).Select(seed =>
            new Thread(() => RecordFailure(() => RunOwner(new Random(seed), shared))) { IsBackground = true })];
        ticker.Start();
        Array.ForEach(owners, thread => thread.Start());
        Array.ForEach(owners, thread => thread.Join());

        // Every shared entry now has one definite last request.
        for (int i = 0; i < shared.Length; i++)
        {
            shared[i].Deadline = long.MaxValue - 1;
            _intake.Arm(shared[i]);
            if (i % 2 == 0)
            {
                _intake.Cancel(shared[i]);
            }
        }

        AwaitTurns(2);
        Volatile.Write(ref _done, true);
        ticker.Join();

        Assert.Empty(_failures);
        Assert.Equal(shared.Length / 2, _wheel.Count);
        Assert.All(shared.Where((_, i) => i % 2 == 0), entry => Assert.Equal(TimerEntry.NotFiled, entry._dueTick));
        Assert.All(shared.Where((_, i) => i % 2 == 1), entry => Assert.NotEqual(TimerEntry.NotFiled, entry._dueTick));
        Assert.Equal(0, _wheel.Failed);
    }

    private void RunOwner(Random random, CountingEntry[] shared)
    {
        CountingEntry[] own = [.. Enumerable.Range(0, EntriesPerOwner).Select(_ => new CountingEntry())];
        for (int round = 0; round < Rounds; round++)
        {
            // Armed for the past or soon: fires exactly once, whatever was requested before.
            foreach (CountingEntry entry in own)
            {
                entry.Before = entry.Fired;
                entry.Deadline = long.MaxValue - 1;
                for (int i = random.Next(4); i > 0; i--)
                {
                    _intake.Cancel(entry);
                    _intake.Arm(entry);
                }

                entry.Deadline = Volatile.Read(ref _now) - random.Next(200);
                _intake.Arm(entry);
                Disturb(random, shared);
            }

            AwaitTurns(2);
            foreach (CountingEntry entry in own)
            {
                Assert.Equal(entry.Before + 1, entry.Fired);
            }

            // Armed for the near future and cancelled: may fire before the cancellation, not after the next whole turn.
            foreach (CountingEntry entry in own)
            {
                entry.Deadline = Volatile.Read(ref _now) + random.Next(400);
                _intake.Arm(entry);
                Disturb(random, shared);
                _intake.Cancel(entry);
            }

            AwaitTurns(2);
            foreach (CountingEntry entry in own)
            {
                entry.Before = entry.Fired;
                entry.Deadline = 0;
                Assert.Equal(TimerEntry.NotFiled, Volatile.Read(ref entry._dueTick));
            }

            AwaitTurns(2);
            foreach (CountingEntry entry in own)
            {
                Assert.Equal(entry.Before, entry.Fired);
            }
        }
    }

    private void Disturb(Random random, CountingEntry[] shared)
    {
        CountingEntry entry = shared[random.Next(shared.Length)];
        if (random.Next(2) == 0)
        {
            entry.Deadline = Volatile.Read(ref _now) + random.Next(300);
            _intake.Arm(entry);
        }
        else
        {
            _intake.Cancel(entry);
        }
    }

    private void RunWheel()
    {
        while (!Volatile.Read(ref _done))
        {
            RecordFailure(() =>
            {
                long now = Volatile.Read(ref _now) + 100;
                Volatile.Write(ref _now, now);
                Assert.Null(_intake.DrainInto(_wheel));
                Assert.Null(_wheel.Tick(now));
            });
            Interlocked.Increment(ref _turns);
            Thread.Yield();
        }
    }

    // A turn that began before the call may be running; the one after it sees all requests.
    private void AwaitTurns(int count)
    {
        long until = Volatile.Read(ref _turns) + count;
        while (Volatile.Read(ref _turns) < until)
        {
            Thread.Yield();
        }
    }

    private void RecordFailure(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            lock (_failures)
            {
                _failures.Add(e);
            }
        }
    }

    private sealed class CountingEntry : TimerEntry
    {
        private long _deadline = Never;
        private int _fired;

        public long Deadline
        {
            get => Volatile.Read(ref _deadline);
            set => Volatile.Write(ref _deadline, value);
        }

        public int Before { get; set; }

        public int Fired => Volatile.Read(ref _fired);

        protected internal override long NextDeadline => Deadline;

        protected internal override void OnDeadline(long nowMs)
        {
            Deadline = Never;
            Interlocked.Increment(ref _fired);
        }
    }
}
