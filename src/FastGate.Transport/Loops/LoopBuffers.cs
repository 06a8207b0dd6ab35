using System.Buffers;

namespace FastGate.Transport.Loops;

/// <summary>
/// The two buffers that all connections of a loop share: one to receive into, one to collect output for a send. Each is lent to one pipe at a
/// time for the length of a callback. A pipe that still needs it then keeps it, and the loop rents another. Used on the loop only.
/// </summary>
internal sealed class LoopBuffers(SegmentPool pool)
{
    private PipeSegment? _receive;
    private PipeSegment? _send;
    private LoopPipeReader? _reader;
    private LoopPipeWriter? _writer;

    /// <summary>The bytes in the lent receive buffer; for its borrower only.</summary>
    public ReadOnlySequence<byte> Received => new(_receive!, 0, _receive!, _receive!.End);

    /// <summary>The lent send scratch; for its borrower only.</summary>
    public PipeSegment Send => _send!;

    /// <summary>Answers in the send scratch, while it is not lent.</summary>
    public LoopAnswers Answers { get; } = new();

    /// <summary>Whether a pipe has one of them.</summary>
    public bool AreLent => _reader is not null || _writer is not null;

    public bool IsLentTo(LoopPipeReader reader) => ReferenceEquals(_reader, reader);

    public bool IsLentTo(LoopPipeWriter writer) => ReferenceEquals(_writer, writer);

    /// <summary>An empty buffer to receive into. <see cref="LendReceive"/> lends it.</summary>
    public PipeSegment ReceiveBuffer()
    {
        if (_reader is not null)
        {
            // A nested callback: the outer one still uses its bytes.
            HandOverReceive();
        }

        _receive ??= pool.Rent(SegmentPool.LargestSize);
        _receive.End = 0;
        return _receive;
    }

    /// <summary>Room for one more answer, of at least this size up to that of the scratch. The scratch must not be lent.</summary>
    public Span<byte> AnswerRoom(int least)
    {
        PipeSegment scratch = _send ??= pool.Rent(SegmentPool.LargestSize);
        if (Answers.IsFull || scratch.Array.Length - Answers.Length < least)
        {
            Answers.Send(scratch.Array);
        }

        return scratch.Array.AsSpan(Answers.Length);
    }

    public void SendAnswers()
    {
        if (Answers.Length > 0)
        {
            Answers.Send(_send!.Array);
        }
    }

    /// <summary>Whether the position is the end of the lent receive buffer.</summary>
    public bool IsEndOfReceive(SequencePosition position) =>
        ReferenceEquals(position.GetObject(), _receive) && position.GetInteger() == _receive!.End;

    public void LendReceive(LoopPipeReader reader) => _reader = reader;

    public void EndReceiveLoan() => _reader = null;

    /// <summary>The borrower keeps the buffer as its own.</summary>
    public PipeSegment TakeReceive()
    {
        PipeSegment segment = _receive!;
        _receive = null;
        _reader = null;
        return segment;
    }

    /// <summary>Lends the send scratch if it is free. False when another writer has it.</summary>
    public bool TryLendSend(LoopPipeWriter writer)
    {
        if (_writer is not null)
        {
            return ReferenceEquals(_writer, writer);
        }

        SendAnswers();
        _send ??= pool.Rent(SegmentPool.LargestSize);
        _writer = writer;
        return true;
    }

    public void EndSendLoan()
    {
        _send!.End = 0;
        _writer = null;
    }

    /// <summary>The borrower keeps the scratch as its own.</summary>
    public PipeSegment TakeSend()
    {
        PipeSegment segment = _send!;
        _send = null;
        _writer = null;
        return segment;
    }

    /// <summary>
    /// Called after every callback. A pipe that still has a loan keeps it, because its handler holds the bytes across an await.
    /// </summary>
    public void EndLoans()
    {
        if (_reader is not null)
        {
            HandOverReceive();
        }

        _writer?.KeepScratch();
    }

    /// <summary>Returns buffers that are not lent: the loop has ended or has been idle.</summary>
    public void Release()
    {
        if (_reader is null && _receive is not null)
        {
            pool.Return(_receive);
            _receive = null;
        }

        if (_writer is null && _send is not null)
        {
            pool.Return(_send);
            _send = null;
        }
    }

    private void HandOverReceive()
    {
        LoopPipeReader reader = _reader!;
        reader.Keep(_receive!);
        _receive = null;
        _reader = null;
    }
}
