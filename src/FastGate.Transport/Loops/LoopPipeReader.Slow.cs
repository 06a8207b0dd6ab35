using System.IO.Pipelines;
using FastGate.Transport.Linux;

namespace FastGate.Transport.Loops;

/// <summary>
/// What a message that is consumed whole on the loop never comes to: bytes kept across reads, other threads, cancellation, and
/// what the loop calls.
/// </summary>
internal sealed partial class LoopPipeReader
{
    /// <summary>Up to here what was not consumed is copied out of the loop's buffer; beyond it the buffer itself is kept.</summary>
    private const int CopyLimit = SegmentPool.LargestSize / 4;

    /// <summary>A piece with less room than this is not worth a receive of its own.</summary>
    private const int SmallestReceive = 512;

    /// <summary>The loop's: there is something to read, or an end to tell.</summary>
    public void OnReadable()
    {
        if (!IsWaiting)
        {
            return;
        }

        if (_connection.IsReadable && (_states & States.Completed) == 0)
        {
            if (--_connection.Loop.ReadsLeft < 0)
            {
                _connection.Requeue();
                return;
            }

            // A receive that fails has already ended the wait: it is looked at again.
            if (Receive() == -LinuxSocket.AgainError || !IsWaiting)
            {
                return;
            }
        }
        else if (!_connection.IsReadable && !_connection.InputEnded && !_connection.IsDead)
        {
            return;
        }

        CompleteWait();
    }

    /// <summary>The loop's: a read began elsewhere, or somebody wants one cancelled.</summary>
    public void OnSignal()
    {
        if (!IsWaiting)
        {
            return;
        }

        if (Volatile.Read(ref _cancelRequested) != 0 || _tokenWait is { Fired: true } || HasUnexamined)
        {
            CompleteWait();
        }
        else
        {
            OnReadable();
        }
    }

    /// <summary>The loop's: both directions are over.</summary>
    public void OnDeath()
    {
        if (IsWaiting)
        {
            CompleteWait();
        }
    }

    /// <summary>The loop's: the handler has ended and nobody reads any more. A read it left waiting fails when the connection ends.</summary>
    public void Release()
    {
        _states = States.Completed | (_states & States.Waiting);
        ReturnAll();
    }

    /// <summary>The loop's: the consumer holds the lent buffer across its callback and may by now be on any thread.</summary>
    public void Keep(PipeSegment segment)
    {
        _headIndex = 0;
        _tail = segment;
        _head = segment;
        if ((_states & States.Reading) == 0)
        {
            // Its continuation is not there yet: nobody has seen these bytes.
            _states |= States.Unexamined;
        }
    }

    private bool IsWaiting => ((States)Volatile.Read(ref System.Runtime.CompilerServices.Unsafe.As<States, byte>(ref _states)) & States.Waiting) != 0;

    private ValueTask<ReadResult> ReadSlow(CancellationToken cancellationToken)
    {
        ThrowIfUnusable();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        EventLoop loop = _connection.Loop;
        bool isOnLoop = loop.IsOnLoop;
        if (isOnLoop)
        {
            if (TryTakeCancel())
            {
                return new ValueTask<ReadResult>(Result(isCanceled: true));
            }

            if (_connection.IsDead)
            {
                _connection.ThrowFault();
            }

            if (HasUnexamined || _connection.InputEnded)
            {
                return new ValueTask<ReadResult>(Result(isCanceled: false));
            }

            if (_connection.IsReadable && !cancellationToken.CanBeCanceled)
            {
                return ReceiveOrWait();
            }
        }

        if (cancellationToken.CanBeCanceled)
        {
            _tokenWait = new CancellationWait(cancellationToken);
        }

        // Registered before the loop can complete the wait and let go of it; the loop looks at it again when it is signalled below.
        _tokenWait?.Register(_connection, LoopSignals.Read);
        ValueTask<ReadResult> pending = Wait();
        if (!isOnLoop || _connection.IsReadable)
        {
            _connection.Signal(LoopSignals.Read);
        }

        return pending;
    }

    private int ReceiveBehind()
    {
        PipeSegment tail = _tail!;
        if (tail.Free < SmallestReceive)
        {
            PipeSegment next = _connection.Loop.Pool.Rent(Math.Min(tail.Array.Length * 2, SegmentPool.LargestSize));
            tail.Append(next);
            _tail = next;
            tail = next;
        }

        int count = _connection.Receive(tail);
        if (count > 0)
        {
            tail.End += count;
            _states |= States.Unexamined;
        }

        return count;
    }

    private void AdvanceSlow(SequencePosition consumed, SequencePosition examined)
    {
        if ((_states & States.Completed) != 0)
        {
            ThrowCompleted();
        }

        if ((_states & States.Reading) == 0)
        {
            throw new InvalidOperationException("There is no read to advance.");
        }

        WaitForHandover();
        LoopBuffers buffers = _connection.Loop.Buffers;
        if (_head is null && buffers.IsLentTo(this))
        {
            Keep(buffers.TakeReceive());
        }

        if (_head is not null)
        {
            Advance(consumed, examined);
        }

        _states &= ~States.Reading;
    }

    private void Advance(SequencePosition consumed, SequencePosition examined)
    {
        (PipeSegment segment, int index) = consumed.GetObject() is null ? (_head!, _headIndex) : Locate(consumed);
        long end = _tail!.EndPosition;
        long consumedAt = segment.RunningIndex + index;
        (PipeSegment examinedSegment, int examinedIndex) = examined.GetObject() is null ? (segment, index) : Locate(examined);
        long examinedAt = examinedSegment.RunningIndex + examinedIndex;
        if (consumedAt < _head!.RunningIndex + _headIndex || examinedAt < consumedAt || examinedAt > end)
        {
            throw new InvalidOperationException("Consumed and examined do not lie in this order within what was read.");
        }

        if (consumedAt == end)
        {
            _states &= ~States.Unexamined;
            ReturnAll();
            return;
        }

        while (!ReferenceEquals(_head, segment) || (index == segment.End && segment.NextSegment is not null))
        {
            PipeSegment passed = _head!;
            _head = passed.NextSegment;
            _headIndex = 0;
            _connection.Loop.Pool.Return(passed);
            if (ReferenceEquals(passed, segment))
            {
                segment = _head!;
                index = 0;
            }
        }

        _headIndex = index;
        _states = examinedAt < end ? _states | States.Unexamined : _states & ~States.Unexamined;
        Compact();
    }

    /// <summary>Moves a small rest of a large piece into one its own size; the large one is wanted elsewhere.</summary>
    private void Compact()
    {
        PipeSegment segment = _head!;
        int rest = segment.End - _headIndex;
        if (!ReferenceEquals(segment, _tail) || segment.Array.Length < SegmentPool.LargestSize || rest > CopyLimit)
        {
            return;
        }

        PipeSegment smaller = _connection.Loop.Pool.Rent(rest + SmallestReceive);
        segment.Array.AsSpan(_headIndex, rest).CopyTo(smaller.Array);
        smaller.End = rest;
        _connection.Loop.Pool.Return(segment);
        Keep(smaller);
    }

    private (PipeSegment Segment, int Index) Locate(SequencePosition position)
    {
        for (PipeSegment? segment = _head; segment is not null; segment = segment.NextSegment)
        {
            if (ReferenceEquals(segment, position.GetObject()) && position.GetInteger() <= segment.End)
            {
                return (segment, position.GetInteger());
            }
        }

        throw new InvalidOperationException("The position is not one of what was read.");
    }

    private void ReturnAll()
    {
        EventLoop loop = _connection.Loop;
        if (loop.IsOnLoop && loop.Buffers.IsLentTo(this))
        {
            loop.Buffers.EndReceiveLoan();
        }

        while (_head is { } segment)
        {
            _head = segment.NextSegment;
            loop.Pool.Return(segment);
        }

        _tail = null;
        _headIndex = 0;
    }

    /// <summary>
    /// A consumer that left the loop in the middle of a read waits until the callback it left has ended and the buffer is its
    /// own; nothing on a loop blocks, so that is soon.
    /// </summary>
    private void WaitForHandover()
    {
        LoopBuffers buffers = _connection.Loop.Buffers;
        if (!_connection.Loop.IsOnLoop && buffers.IsLentTo(this))
        {
            var spin = new SpinWait();
            while (buffers.IsLentTo(this))
            {
                spin.SpinOnce();
            }
        }
    }

    /// <summary>A cancellation asked for before is this wait's, whatever ends it: it must not be left to a later one.</summary>
    private void CompleteWait()
    {
        _states = TryTakeCancel() ? (_states & ~States.Waiting) | States.Cancelled : _states & ~States.Waiting;
        _awaitable.Complete();
    }

    private bool TryTakeCancel() => Volatile.Read(ref _cancelRequested) != 0 && Interlocked.Exchange(ref _cancelRequested, 0) != 0;

    private void EndTokenWait(ref bool isCanceled)
    {
        CancellationWait wait = _tokenWait!;
        _tokenWait = null;
        wait.Unregister();
        if (wait.Fired && !isCanceled && !_connection.IsDead && !HasSomethingToShow)
        {
            wait.Throw();
        }
    }

    private bool HasSomethingToShow => HasUnexamined || _connection.InputEnded || _connection.Loop.Buffers.IsLentTo(this);

    private void ThrowIfUnusable()
    {
        if ((_states & States.Completed) != 0)
        {
            ThrowCompleted();
        }

        if ((_states & (States.Waiting | States.Reading)) != 0)
        {
            throw new InvalidOperationException("A read is already in progress.");
        }
    }

    private static void ThrowCompleted() => throw new InvalidOperationException("Reading has been completed.");

    private static void ThrowNotDone() => throw new InvalidOperationException("The read has not ended.");
}
