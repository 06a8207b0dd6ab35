using BenchmarkDotNet.Attributes;
using FastGate.Timers;

namespace FastGate.Benchmarks.Timers;

/// <summary>
/// One tick of the wheel, of ten a second. It has no counterpart in the runtime to compare with: with no timer due the runtime does nothing, and
/// the work when one is due (walking a queue under a lock, on a pool thread) cannot be called without firing the timer. The
/// limit is therefore an absolute time; the benefit shows in adding, resetting and cancelling.
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
    /// None due, in the worst case: every deadline lies beyond the current turn of the wheel, so that each tick skips its share.
    /// </summary>
    [Benchmark]
    public void FastGate() => _wheel.Tick(_now += TimerWheel.TickMs);

    [GlobalSetup(Target = nameof(FastGatePinging))]
    public void SetupFastGatePinging() => Fill(index => new PingingEntry(this, TimerPopulation.DelayMs(index)));

    /// <summary>A fleet that pings every minute or two: the entries that a tick visits have moved later and are filed again.</summary>
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

        // One turn, to reach the steady state.
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
