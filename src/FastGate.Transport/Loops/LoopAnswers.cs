using System.Diagnostics.CodeAnalysis;
using FastGate.Transport.Linux;

namespace FastGate.Transport.Loops;

/// <summary>
/// Answers that were made without a pipe; they lie in the send scratch of the loop. Those of several connections are sent together, because the code of the
/// kernel that receives and the one that sends then stay in the cache for longer. They are sent when there are <see cref="Most"/>, before the scratch is lent,
/// before a handler with a pipe runs, after the events of a turn, and after the connections that are served again. Nothing else is sent to a connection before its
/// answer: each of these two parts of a turn serves a connection once. Used on the loop only. Budget: no allocation (LoopInputCallTests), except for an answer
/// that the kernel does not take.
/// </summary>
internal sealed class LoopAnswers
{
    /// <summary>The first of them waits while the others are received: some 50 microseconds.</summary>
    public const int Most = 16;

    private readonly Entry[] _entries = new Entry[Most];
    private readonly Queue<UnsentAnswer> _unsent = new();
    private int _count;

    public bool IsFull => _count == Most;

    /// <summary>Bytes of the scratch that they use.</summary>
    public int Length => _count == 0 ? 0 : _entries[_count - 1].End;

    /// <summary>The answer is in the scratch, after the others.</summary>
    public void Add(LoopConnection connection, int length)
    {
        int end = Length + length;
        _entries[_count++] = new Entry(ConnectionTable.DataOf(connection), connection.Descriptor, end);
    }

    /// <summary>Runs no code of a connection, because another one may be about to use the scratch.</summary>
    public void Send(ReadOnlySpan<byte> scratch)
    {
        int start = 0;
        for (int i = 0; i < _count; i++)
        {
            Entry entry = _entries[i];
            ReadOnlySpan<byte> answer = scratch[start..entry.End];
            start = entry.End;
            int sent = LinuxSocket.Send(entry.Descriptor, answer);
            if (sent != answer.Length)
            {
                int error = sent < 0 && sent != -LinuxError.Again ? sent : 0;
                _unsent.Enqueue(new UnsentAnswer(entry.Connection, error, error == 0 ? answer[Math.Max(sent, 0)..].ToArray() : []));
            }
        }

        _count = 0;
    }

    /// <summary>The next answer that the kernel has not taken. Its connection must handle it before the other work of the turn.</summary>
    public bool TryTakeUnsent([MaybeNullWhen(false)] out UnsentAnswer answer) => _unsent.TryDequeue(out answer);

    /// <summary>No references: to store one is a call, and marks memory that has left the cache.</summary>
    private readonly record struct Entry(ulong Connection, int Descriptor, int End);
}
