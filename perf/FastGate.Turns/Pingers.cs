using System.Diagnostics;

namespace FastGate.Turns;

/// <summary>Devices that ping one after the other at a fixed rate, on one thread of their own.</summary>
internal sealed class Pingers(BlockingDevice[] devices, int perSecond)
{
    private int _next;

    /// <summary>A ping that is late because the one before took too long is measured from when it was due: a stall is felt by all it delays.</summary>
    public Samples Run(TimeSpan duration)
    {
        var samples = new Samples();
        var interval = Stopwatch.Frequency / perSecond;
        var due = Stopwatch.GetTimestamp();
        var end = due + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        for (; due < end; due += interval)
        {
            var behind = true;
            while (Stopwatch.GetTimestamp() < due)
            {
                behind = false;
                Thread.Sleep(1);
            }

            var device = devices[_next++ % devices.Length];
            var start = behind ? due : Stopwatch.GetTimestamp();
            device.Send("""{"type":"ping"}"""u8);
            device.ReadUntil("pong"u8);
            samples.Add(start);
        }

        return samples;
    }
}
