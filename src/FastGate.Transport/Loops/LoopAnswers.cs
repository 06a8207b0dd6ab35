using System.Diagnostics.CodeAnalysis;
using FastGate.Transport.Linux;

namespace FastGate.Transport.Loops;

/// <summary>
/// Answers that were made without a pipe; they lie in the send scratch of the loop. Those of several connections are sent together, because the code of the kernel that
/// receives and the one that sends then stay in the cache for longer. They are sent when there are <see cref="Most"/>, before the scratch is lent, after the
/// events of a turn, and after the connections that are served again. Nothing else is sent to a connection before its answer: each of these two parts of a turn
/// serves a connection once. Used on the loop only. Budget: no allocation (LoopInputCallTests), except for an answer that the kernel does not take.
/// </summary>
internal sealed class LoopAnswers
{
    /// <summary>
    /// The first of them waits while the others are received: some 50 microseconds, and longer when a handler of the same turn is slow and sends nothing.
    /// </summary>
    public const int Most = 16;

    private readonly LoopConnection?[] _connections = new LoopConnection?[Most];
    private readonly int[] _ends = new int[Most];
    private readonly Queue<UnsentAnswer> _unsent = new();
    private int _count;

    public bool IsFull => _count == Most;

    /// <summary>Bytes of the scratch that they use.</summary>
    public int Length => _count == 0 ? 0 : _ends[_count - 1];

    /// <summary>The answer is in the scratch, after the others.</summary>
    public void Add(LoopConnection connection, int length)
    {
        _ends[_count] = Length + length;
        _connections[_count++] = connection;
    }

    /// <summary>Runs no code of a connection, because another one may be about to use the scratch.</summary>
    public void Send(ReadOnlySpan<byte> scratch)
    {
        int start = 0;
        for (int i = 0; i < _count; i++)
        {
            LoopConnection connection = _connections[i]!;
            ReadOnlySpan<byte> answer = scratch[start.._ends[i]];
            start = _ends[i];
            int sent = LinuxSocket.Send(connection.Descriptor, answer);
            if (sent != answer.Length)
            {
                int error = sent < 0 && sent != -LinuxError.Again ? sent : 0;
                _unsent.Enqueue(new UnsentAnswer(connection, error, error == 0 ? answer[Math.Max(sent, 0)..].ToArray() : []));
            }
        }

        _connections.AsSpan(0, _count).Clear();
        _count = 0;
    }

    /// <summary>The next answer that the kernel has not taken. Its connection must handle it before the other work of the turn.</summary>
    public bool TryTakeUnsent([MaybeNullWhen(false)] out UnsentAnswer answer) => _unsent.TryDequeue(out answer);
}
