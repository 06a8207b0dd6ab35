using System.IO.Pipelines;

namespace FastGate.Transport.Loops;

/// <summary>The pipe, which the connection has from the start of its handler on; see <see cref="LoopPipe"/> for one that is called with its input.</summary>
internal partial class LoopConnection
{
    // Owned by the loop; any thread may read it while a task of the handler exists.
    private LoopPipe? _pipe;

    /// <summary>Any thread. A cancellation of a read that no read has taken yet.</summary>
    public bool IsReadCancelled => ((LoopSignals)Volatile.Read(ref SignalBits) & LoopSignals.ReadCancelled) != 0;

    /// <summary>Any thread; only a snapshot. For tests.</summary>
    public bool HasPipe => Volatile.Read(ref _pipe) is not null;

    PipeReader IDuplexPipe.Input => Pipe.Reader;

    PipeWriter IDuplexPipe.Output => Pipe.Writer;

    private LoopPipe Pipe => _pipe ?? RentPipe();

    /// <summary>Any thread. Any number of calls before the loop looks cost one wake-up.</summary>
    public void CancelPendingRead() => Signal(LoopSignals.ReadCancelled);

    /// <summary>
    /// Any thread. Ends a flush that waits for the peer; its bytes are still sent. A flush that begins to wait later is not affected:
    /// the loop looks at the request between two callbacks, where a handler waits for either a read or a flush.
    /// </summary>
    public void CancelPendingFlush() => Signal(LoopSignals.Flush);

    /// <summary>True for one read after each request.</summary>
    public bool TryTakeReadCancel() =>
        IsReadCancelled && ((LoopSignals)Interlocked.And(ref SignalBits, ~(int)LoopSignals.ReadCancelled) & LoopSignals.ReadCancelled) != 0;

    private LoopPipe RentPipe()
    {
        _loop.ThrowIfOffLoop();
        return _pipe = _loop.Pipes.Rent(this, isWaiting: InputHandler is not null);
    }

    /// <summary>After a callback of a connection that is called with its input.</summary>
    private void ReturnPipe()
    {
        if (_pipe is { IsIdle: true } pipe)
        {
            _pipe = null;
            _loop.Pipes.Return(pipe);
        }
    }
}
