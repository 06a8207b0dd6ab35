using BenchmarkDotNet.Attributes;
using FastGate.Timers;

namespace FastGate.Benchmarks.Timers;

/// <summary>
/// One tick of the wheel, which comes ten times a second. There is nothing of the runtime's to stand beside it: with no timer due it does nothing at
/// all, and what it does when one is due (its queue walked under a lock, on a thread of the pool) cannot be called without that timer
/// firing. The promise is therefore an absolute time; what is to be had in exchange shows in adding, resetting and cancelling.
/// </summary>
public class TimerTickBenchmarks
{
    private TimerWheel _wheel = new(0);
    private long _now;

    [ParamsSource(nameof(EntriesValues))]
    public int Entries { get; set; }

    public static IEnumerable<int> EntriesValues => TimerPopulation.Sizes;

    [GlobalSetup(Target = nameof(FastGate))]
    public void SetupFastGate() => Fill(static _ => new DistantEntry());

    /// <summary>
    /// None due, at its dearest: every deadline lies beyond the present turn of the wheel, so that each tick passes over its share.
    /// </summary>
    [Benchmark]
    public void FastGate() => _wheel.Tick(_now += TimerWheel.TickMs);

    [GlobalSetup(Target = nameof(FastGatePinging))]
    public void SetupFastGatePinging() => Fill(index => new PingingEntry(this, TimerPopulation.DelayMs(index)));

    /// <summary>A fleet that pings every minute or two: what a tick comes upon has moved away, and is filed anew.</summary>
    [Benchmark]
    public void FastGatePinging() => _wheel.Tick(_now += TimerWheel.TickMs);

    private void Fill(Func<int, TimerEntry> make)
    {
        _now = 0;
        _wheel = new TimerWheel(0);
        for (int i = 0; i < Entries; i++)
        {
            _wheel.Add(make(i));
        }

        // Once round, so that it stands as it will go on standing.
        for (int tick = 0; tick < TimerWheel.BucketCount; tick++)
        {
            _wheel.Tick(_now += TimerWheel.TickMs);
        }
    }

    private sealed class DistantEntry : TimerEntry
    {
        private static int s_next;

        private readonly long _deadline = 1_000_000_000_000 + (TimerPopulation.DelayMs(s_next++) * 4L);

        protected internal override long NextDeadline => _deadline;

        protected internal override void OnDeadline(long nowMs)
        {
        }
    }

    private sealed class PingingEntry(TimerTickBenchmarks owner, int delayMs) : TimerEntry
    {
        protected internal override long NextDeadline => owner._now + delayMs;

        protected internal override void OnDeadline(long nowMs)
        {
        }
    }
}
