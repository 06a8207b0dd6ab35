using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Measure;

namespace FastGate.LoadTest.Speech;

/// <summary>The frames of one answer, which the server numbers from 0 on by their timestamps. Used by the thread of the device's loop.</summary>
internal sealed class TurnFrames
{
    /// <summary>Frames that the server sends at once; the others are due one frame time after the other.</summary>
    public const int AtOnce = 6;

    /// <summary>Ten minutes of sound: a higher number is wrong.</summary>
    private const int MostFrames = 10_000;

    private SequenceLedger _numbers = new();

    /// <summary>The number of each frame and when it came, without the faulty ones.</summary>
    public List<(long Number, long At)> Arrivals { get; } = [];

    /// <summary>Frames that came a second time, or whose number the server cannot have given.</summary>
    public long Doubled => _numbers.Doubled;

    /// <summary>Frames that came after a later one.</summary>
    public long Reordered => _numbers.Reordered;

    public void Clear()
    {
        Arrivals.Clear();
        _numbers = new SequenceLedger();
    }

    /// <param name="timestamp">The timestamp of the frame.</param>
    /// <param name="now">When it came.</param>
    public void Receive(uint timestamp, long now)
    {
        long number = timestamp % OpusFrames.MillisecondsPerFrame == 0 ? timestamp / OpusFrames.MillisecondsPerFrame : -1;
        long faults = Doubled;
        _numbers.Receive(number, MostFrames);
        if (Doubled == faults)
        {
            Arrivals.Add((number, now));
        }
    }

    /// <summary>Frames that did not come: those with a number before one that came, and those at the end of an answer of at least <paramref name="least"/> frames.</summary>
    public long Missing(int least) => Math.Max(_numbers.Missing(_numbers.Next), least - Arrivals.Count);

    /// <summary>When each frame was due: the earliest one, by its number, shows when playback began.</summary>
    public IEnumerable<(long Due, long At)> Schedule()
    {
        long began = Arrivals.Count == 0 ? 0 : Arrivals.Min(static frame => frame.At - OffsetOf(frame.Number));
        return Arrivals.Select(frame => (began + OffsetOf(frame.Number), frame.At));
    }

    private static long OffsetOf(long number) => Math.Max(0, number - AtOnce + 1) * OpusFrames.NanosecondsPerFrame;
}
