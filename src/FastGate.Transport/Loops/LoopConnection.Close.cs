using System.Runtime.ExceptionServices;
using FastGate.Transport.Input;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Loops;

/// <summary>
/// The end of a connection. Orderly: send what was written, shut down sending, then discard input until the peer ends its side, within limits
/// of time and bytes; closing a socket with unread input would send a reset, which destroys the answer just sent. Neither is needed when the protocol
/// has ended and no input waits. Abort: a reset at once.
/// </summary>
internal partial class LoopConnection : IFinishableInput
{
    /// <summary>Why reads fail.</summary>
    private Exception Fault => _extras?.Fault ?? new ConnectionAbortedException("The connection is closed.");

    void IFinishableInput.FinishInput() => _states |= LoopConnectionStates.InputFinished;

    /// <summary>Any thread. Reads fail with the first reason.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        Interlocked.CompareExchange(ref Extras.Fault, abortReason, null);
        Signal(LoopSignals.Abort);
    }

    /// <summary>Any thread. Ends the pipes even if the handler has not ended.</summary>
    public override ValueTask DisposeAsync()
    {
        Abort(new ConnectionAbortedException("The connection was disposed."));
        return base.DisposeAsync();
    }

    /// <summary>Ends both directions and the waiting operations. Without a fault they fail because the connection is closed.</summary>
    public void Die(Exception? fault)
    {
        if (IsDead)
        {
            return;
        }

        if (fault is not null)
        {
            Interlocked.CompareExchange(ref Extras.Fault, fault, null);
        }

        _states = (_states | LoopConnectionStates.Dead) & ~LoopConnectionStates.Readable;
        SignalClosed();
        if ((_states & LoopConnectionStates.Closing) != 0)
        {
            CloseNow();
        }

        try
        {
            _pipe?.Writer.OnDeath();
        }
        finally
        {
            Pipe.Reader.OnDeath();
        }
    }

    public void ThrowFault()
    {
        // Throws with a fresh stack trace: the same exception may be thrown several times.
        ExceptionDispatchInfo.Throw(Fault);
    }

    /// <summary>The kernel may take waiting output.</summary>
    public void OnWritable()
    {
        _pipe?.Writer.OnWritable();
        if ((_states & (LoopConnectionStates.Closing | LoopConnectionStates.Discarding | LoopConnectionStates.ClosePending))
            == LoopConnectionStates.Closing)
        {
            FinishSending();
        }
    }

    /// <summary>Shuts down sending; receiving continues.</summary>
    public void EndSending()
    {
        if ((_states & (LoopConnectionStates.SendEnded | LoopConnectionStates.Dead)) == 0)
        {
            _states |= LoopConnectionStates.SendEnded;
            LinuxSocket.ShutdownSend(Descriptor);
        }
    }

    /// <summary>Closes the descriptor after the callback of the connection, or after the batch.</summary>
    public void CloseNow()
    {
        if ((_states & (LoopConnectionStates.ClosePending | LoopConnectionStates.Closed)) == 0)
        {
            _states |= LoopConnectionStates.ClosePending;
            _loop.Closer.Close(this);
        }
    }

    /// <summary>Called by the closer only.</summary>
    public void CloseDescriptor()
    {
        if (IsClosed)
        {
            return;
        }

        _loop.Connections.Remove(this);
        _states = (_states | LoopConnectionStates.Closed | LoopConnectionStates.ClosePending) & ~LoopConnectionStates.Readable;
        CloseSocket();
        _loop.ConnectionClosed();
        try
        {
            Die(fault: null);
        }
        finally
        {
            EndCallback();
        }
    }

    private void CloseSocket()
    {
        WaitForAddressReader();
        LinuxSocket.Close(Descriptor);
    }

    /// <summary>With <see cref="IsClosed"/> set: afterwards no other thread uses the descriptor.</summary>
    private void WaitForAddressReader()
    {
        // Full fence: either this sees the lock object of a thread that reads the local address, or that thread sees IsClosed.
        Interlocked.MemoryBarrier();
        if (_extras is { } extras)
        {
            lock (extras)
            {
            }
        }
    }

    private void OnAbort()
    {
        if (IsClosed)
        {
            return;
        }

        LinuxSocket.SetResetOnClose(Descriptor);
        Die(fault: null);
        CloseNow();
    }

    private void OnHandlerDone()
    {
        if (_handler is not { } handler)
        {
            // Done already, for a hand-over that did not wait for the signal.
            return;
        }

        if (_inputHandler is not null)
        {
            OnTaskEnded();
            return;
        }

        _handler = null;
        _loop.HandlerEnded(this, handler.Exception?.InnerException ?? (handler.IsCanceled ? new OperationCanceledException() : null));
        Pipe.Reader.Release();
        _states |= LoopConnectionStates.Closing;
        if (IsDead || IsClosed)
        {
            Pipe.Writer.Release();
            CloseNow();
            return;
        }

        Pipe.Writer.CompleteForClose();
        FinishSending();
    }

    private void FinishSending()
    {
        if (IsDead)
        {
            CloseNow();
            return;
        }

        bool isFirstCall = (_states & LoopConnectionStates.Lingering) == 0;
        if (Pipe.Writer.HasPending)
        {
            StartLinger();
            return;
        }

        bool isQuiet = (_states & (LoopConnectionStates.InputFinished | LoopConnectionStates.Readable)) == LoopConnectionStates.InputFinished;
        if (InputEnded || isQuiet)
        {
            CloseNow();
            return;
        }

        EndSending();
        _states |= LoopConnectionStates.Discarding;
        Discard();
        if (isFirstCall && (_states & LoopConnectionStates.ClosePending) == 0)
        {
            StartLinger();
        }
    }

    private void StartLinger()
    {
        if ((_states & LoopConnectionStates.Lingering) == 0)
        {
            _states |= LoopConnectionStates.Lingering;
            _loop.Closer.Linger(this);
        }
    }

    private void Discard()
    {
        while (IsReadable && (_states & LoopConnectionStates.ClosePending) == 0)
        {
            if (--_loop.ReadsLeft < 0)
            {
                Requeue();
                return;
            }

            PipeSegment buffer = _loop.Buffers.ReceiveBuffer();
            int count = Receive(buffer);
            if (count == -LinuxError.Again)
            {
                return;
            }

            _discarded += Math.Max(count, 0);
            if (count <= 0 || _discarded > _loop.Options.LingerBytes)
            {
                CloseNow();
            }
        }
    }

    private void SignalClosed()
    {
        if ((_states & LoopConnectionStates.ClosedSignaled) == 0)
        {
            _states |= LoopConnectionStates.ClosedSignaled;
            CancelClosedSource();
        }
    }
}
