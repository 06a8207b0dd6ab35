using System.Buffers;

namespace FastGate.Testing;

/// <summary>One way a payload can arrive.</summary>
/// <param name="name">Name in failure messages.</param>
/// <param name="pieces">The pieces of the payload in order; some may be empty.</param>
internal sealed class SplitBytesCase(string name, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
{
    public string Name => name;

    public IReadOnlyList<ReadOnlyMemory<byte>> Pieces => pieces;

    /// <summary>All pieces as one sequence with one segment each.</summary>
    public ReadOnlySequence<byte> ToSequence()
    {
        if (pieces.Count == 0)
        {
            return ReadOnlySequence<byte>.Empty;
        }

        var first = new Segment(pieces[0], 0);
        Segment last = first;
        for (int i = 1; i < pieces.Count; i++)
        {
            last = last.Append(pieces[i]);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>The bytes received so far after each piece, followed by guard bytes.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Growing()
    {
        const int Margin = 32;
        int length = 0;
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            length += piece.Length;
        }

        int received = 0;
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            received += piece.Length;
            byte[] buffer = new byte[length + Margin];
            buffer.AsSpan().Fill((byte)'\n');
            int offset = 0;
            foreach (ReadOnlyMemory<byte> earlier in pieces)
            {
                if (offset == received)
                {
                    break;
                }

                earlier.Span.CopyTo(buffer.AsSpan(offset));
                offset += earlier.Length;
            }

            yield return buffer.AsMemory(0, received);
        }
    }

    public override string ToString() => name;

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
