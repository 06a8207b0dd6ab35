using System.Buffers;

namespace FastGate.Transport.Loops;

/// <summary>A pooled piece of memory with its bytes [0, End): a link of what a reader holds or a writer has yet to send.</summary>
internal sealed class PipeSegment : ReadOnlySequenceSegment<byte>
{
    public PipeSegment(byte[] array)
    {
        Array = array;
        Memory = array;
    }

    /// <summary>On the pinned heap, so that its address may go to the kernel.</summary>
    public byte[] Array { get; }

    public int End { get; set; }

    public int Free => Array.Length - End;

    public PipeSegment? NextSegment => (PipeSegment?)Next;

    public long EndPosition => RunningIndex + End;

    /// <summary>Links the next piece and cuts this one to its bytes: a sequence shows all of every link but the last.</summary>
    public void Append(PipeSegment next)
    {
        Memory = Array.AsMemory(0, End);
        next.RunningIndex = EndPosition;
        Next = next;
    }

    /// <summary>Makes it as new; the bytes stay, nobody may look at them.</summary>
    public void Reset()
    {
        Memory = Array;
        RunningIndex = 0;
        Next = null;
        End = 0;
    }
}
