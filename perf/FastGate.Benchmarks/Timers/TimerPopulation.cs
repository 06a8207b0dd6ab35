using FastGate.Timers;

namespace FastGate.Benchmarks.Timers;

/// <summary>The entries that are armed during a measurement: idle deadlines spread over two minutes, as those of a fleet are.</summary>
internal static class TimerPopulation
{
    public static IEnumerable<int> Sizes => [1_000, 100_000, 1_000_000];

    public static int DelayMs(int index) => 60_000 + (int)((uint)(index * 2_654_435_761) % 60_000);

    public static (TimerWheel Wheel, ScheduledEntry[] Entries) Fill(int count)
    {
        var wheel = new TimerWheel(0);
        ScheduledEntry[] entries = NewEntries(count);
        foreach (ScheduledEntry entry in entries)
        {
            wheel.Add(entry);
        }

        return (wheel, entries);
    }

    public static ScheduledEntry[] NewEntries(int count)
    {
        var entries = new ScheduledEntry[count];
        for (int i = 0; i < count; i++)
        {
            entries[i] = new ScheduledEntry();
            entries[i].Receive(DelayMs(i) - ScheduledEntry.IdleMs);
        }

        return entries;
    }

    public static Timer[] NewTimers(int count)
    {
        var timers = new Timer[count];
        for (int i = 0; i < count; i++)
        {
            timers[i] = NewTimer(i);
        }

        return timers;
    }

    public static Timer NewTimer(int index) => new(static _ => { }, null, DelayMs(index), Timeout.Infinite);

    public static CancellationTokenSource[] NewSources(int count)
    {
        var sources = new CancellationTokenSource[count];
        for (int i = 0; i < count; i++)
        {
            sources[i] = new CancellationTokenSource(DelayMs(i));
        }

        return sources;
    }

    public static void Dispose(IEnumerable<IDisposable?> disposables)
    {
        foreach (IDisposable? disposable in disposables)
        {
            disposable?.Dispose();
        }
    }

    /// <summary>Draws as many as are in use at a time: a deadline is reset by code that has just used its connection.</summary>
    public static T[] Draw<T>(T[] all, int count)
    {
        var random = new Random(1);
        var drawn = new T[count];
        for (int i = 0; i < count; i++)
        {
            drawn[i] = all[random.Next(all.Length)];
        }

        return drawn;
    }
}
