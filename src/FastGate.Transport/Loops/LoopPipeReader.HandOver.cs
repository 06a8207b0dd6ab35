using System.Buffers;

namespace FastGate.Transport.Loops;

/// <summary>Received bytes pass from one owner of the socket to the next.</summary>
internal sealed partial class LoopPipeReader
{
    /// <summary>Called by the loop: bytes that an earlier owner has received. The next read returns them.</summary>
    public void Adopt(ReadOnlySpan<byte> unread)
    {
        PipeSegment segment = _connection.Loop.Pool.Rent(unread.Length);
        unread.CopyTo(segment.Array);
        segment.End = unread.Length;
        Keep(segment);
    }

    /// <summary>Called by the loop: the socket gets another owner, who reads these bytes first.</summary>
    public ReadOnlyMemory<byte> TakeUnread()
    {
        if ((_states & LoopReadStates.Completed) != 0)
        {
            return default;
        }

        if ((_states & (LoopReadStates.Waiting | LoopReadStates.Reading)) != 0)
        {
            throw new InvalidOperationException("A read is in progress.");
        }

        LoopBuffers buffers = _connection.Loop.Buffers;
        ReadOnlyMemory<byte> unread = !_kept.IsEmpty ? _kept.Bytes.ToArray() : buffers.IsLentTo(this) ? buffers.Received.ToArray() : default;
        ReturnAll();
        return unread;
    }
}
