using System.Collections.Concurrent;

namespace FastGate.Speech.Playing;

/// <summary>
/// The frames of lines that are the same for every device, such as the greeting, so that they are synthesised once. They belong to one set of
/// providers: a reload begins with none. Any thread.
/// </summary>
internal sealed class FixedLines
{
    /// <summary>Greeting, busy, error and goodbye line in two languages, and room for other frame durations.</summary>
    private const int MaxLines = 32;

    /// <summary>A minute. A longer line is synthesised each time.</summary>
    private const int MaxFrames = 1_000;

    private readonly ConcurrentDictionary<(string Text, int FrameMs), byte[][]> _lines = new();

    public int Count => _lines.Count;

    public byte[][]? Find(string text, int frameMs) => _lines.GetValueOrDefault((text, frameMs));

    /// <summary>Keeps the frames, unless there are none, too many, or enough lines.</summary>
    public void Keep(string text, int frameMs, IReadOnlyList<byte[]> frames)
    {
        if (frames.Count is > 0 and <= MaxFrames && _lines.Count < MaxLines)
        {
            _lines.TryAdd((text, frameMs), [.. frames]);
        }
    }
}
