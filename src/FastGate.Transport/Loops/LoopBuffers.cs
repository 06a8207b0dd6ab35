namespace FastGate.Transport.Loops;

/// <summary>
/// The two buffers all connections of a loop share: one to receive into, one to put together what is sent. Each is lent to
/// one pipe at a time, and only for the length of a callback: whoever still needs it then takes it along, and the loop rents
/// another. Owned by the loop; other threads may only ask whether a loan has ended.
/// </summary>
internal sealed class LoopBuffers
{
    private readonly SegmentPool _pool;
    private PipeSegment? _receive;
    private PipeSegment? _send;
    private LoopPipeReader? _reader;
    private LoopPipeWriter? _writer;

    public LoopBuffers(SegmentPool pool) => _pool = pool;

    /// <summary>The lent receive buffer; only its borrower asks.</summary>
    public PipeSegment Receive => _receive!;

    /// <summary>The lent send scratch; only its borrower asks.</summary>
    public PipeSegment Send => _send!;

    public bool IsLentTo(LoopPipeReader reader) => ReferenceEquals(Volatile.Read(ref _reader), reader);

    public bool IsLentTo(LoopPipeWriter writer) => ReferenceEquals(Volatile.Read(ref _writer), writer);

    /// <summary>A buffer to receive into, free of anybody's bytes. It is lent only when <see cref="LendReceive"/> says so.</summary>
    public PipeSegment ReceiveBuffer()
    {
        if (_reader is not null)
        {
            // A callback has called back: the outer one still looks at its bytes.
            HandOverReceive();
        }

        return _receive ??= _pool.Rent(SegmentPool.LargestSize);
    }

    public void LendReceive(LoopPipeReader reader) => _reader = reader;

    public void EndReceiveLoan() => _reader = null;

    /// <summary>The borrower keeps the buffer as its own.</summary>
    public PipeSegment TakeReceive()
    {
        PipeSegment segment = _receive!;
        _receive = null;
        Volatile.Write(ref _reader, null);
        return segment;
    }

    /// <summary>Lends the send scratch if it is free. False when another writer has it.</summary>
    public bool TryLendSend(LoopPipeWriter writer)
    {
        if (_writer is not null)
        {
            return ReferenceEquals(_writer, writer);
        }

        _send ??= _pool.Rent(SegmentPool.LargestSize);
        _writer = writer;
        return true;
    }

    public void EndSendLoan()
    {
        _send!.End = 0;
        _writer = null;
    }

    public PipeSegment TakeSend()
    {
        PipeSegment segment = _send!;
        _send = null;
        return segment;
    }

    /// <summary>The last step of a handover: from here on the writer's thread may go on.</summary>
    public void EndSendHandover() => Volatile.Write(ref _writer, null);

    /// <summary>
    /// After every callback: a pipe that still has a loan is held across an await, and its handler may by now run anywhere.
    /// </summary>
    public void EndLoans()
    {
        if (_reader is not null)
        {
            HandOverReceive();
        }

        _writer?.KeepScratch();
    }

    /// <summary>The loop has ended, or has been idle long enough that its buffers may go.</summary>
    public void Release()
    {
        if (_reader is null && _receive is not null)
        {
            _pool.Return(_receive);
            _receive = null;
        }

        if (_writer is null && _send is not null)
        {
            _pool.Return(_send);
            _send = null;
        }
    }

    private void HandOverReceive()
    {
        LoopPipeReader reader = _reader!;
        reader.Keep(_receive!);
        _receive = null;
        Volatile.Write(ref _reader, null);
    }
}
