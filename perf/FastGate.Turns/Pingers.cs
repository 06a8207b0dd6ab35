using System.Diagnostics;

namespace FastGate.Turns;

/// <summary>Devices that ping one after the other at a fixed rate, on one thread.</summary>
internal sealed class Pingers(BlockingDevice[] devices, int perSecond)
{
    private int _next;

    /// <summary>Latency counts from the scheduled instant, so a stall counts for every ping that it delays.</summary>
    public Samples Run(TimeSpan duration)
    {
        var samples = new Samples();
        long interval = Stopwatch.Frequency / perSecond;
        long due = Stopwatch.GetTimestamp();
        long end = due + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        for (; due < end; due += interval)
        {
            bool behind = true;
            while (Stopwatch.GetTimestamp() < due)
            {
                behind = false;
                Thread.Sleep(1);
            }

            BlockingDevice device = devices[_next++ % devices.Length];
            long start = behind ? due : Stopwatch.GetTimestamp();
            device.Send("""{"type":"ping"}"""u8);
            device.ReadUntil("pong"u8);
            samples.Add(start);
        }

        return samples;
    }
}
