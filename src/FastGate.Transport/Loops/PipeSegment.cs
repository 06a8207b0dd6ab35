using System.Buffers;

namespace FastGate.Transport.Loops;

/// <summary>A pooled piece of memory whose bytes are [0, End). A reader or a writer links several of them.</summary>
internal sealed class PipeSegment : ReadOnlySequenceSegment<byte>
{
    public PipeSegment(byte[] array)
    {
        Array = array;
        Memory = array;
    }

    /// <summary>On the pinned heap, so that its address may be passed to the kernel.</summary>
    public byte[] Array { get; }

    public int End { get; set; }

    public int Free => Array.Length - End;

    public PipeSegment? NextSegment => (PipeSegment?)Next;

    public long EndPosition => RunningIndex + End;

    /// <summary>Links the next piece, and limits <c>Memory</c> to the bytes: a sequence uses all of every piece but the last.</summary>
    public void Append(PipeSegment next)
    {
        Memory = Array.AsMemory(0, End);
        next.RunningIndex = EndPosition;
        Next = next;
    }

    /// <summary>Prepares the piece for its next use. The old bytes stay in the array.</summary>
    public void Reset()
    {
        Memory = Array;
        RunningIndex = 0;
        Next = null;
        End = 0;
    }
}
