using System.Runtime.ExceptionServices;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Loops;

/// <summary>
/// How a connection ends. Politely: what was written goes out, the peer is told that nothing more comes, what it still sends is
/// read and thrown away until it ends its side too, within bounds, because closing a socket with unread input sends a reset
/// that destroys the answer just sent. Hard: a reset, at once.
/// </summary>
internal sealed partial class LoopConnection
{
    /// <summary>Any thread. The first reason is what reads fail with.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        Interlocked.CompareExchange(ref Extras.Fault, abortReason, null);
        Signal(LoopSignals.Abort);
    }

    /// <summary>Any thread: the handler's pipes are over even if its task is not.</summary>
    public override ValueTask DisposeAsync()
    {
        Abort(new ConnectionAbortedException("The connection was disposed."));
        return base.DisposeAsync();
    }

    /// <summary>Both directions are over; whoever waits on the pipes is told. Without a fault, that the connection is closed.</summary>
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
        TellClosed();
        if ((_states & LoopConnectionStates.Closing) != 0)
        {
            CloseNow();
        }

        try
        {
            _output.OnDeath();
        }
        finally
        {
            _input.OnDeath();
        }
    }

    public void ThrowFault()
    {
        // A copy of the stack each time, or a fault read twice grows.
        Exception fault = _extras?.Fault ?? new ConnectionAbortedException("The connection is closed.");
        ExceptionDispatchInfo.Throw(fault);
    }

    /// <summary>Output that had to wait has gone, or can go.</summary>
    public void OnWritable()
    {
        _output.OnWritable();
        if ((_states & (LoopConnectionStates.Closing | LoopConnectionStates.Discarding | LoopConnectionStates.ClosePending))
            == LoopConnectionStates.Closing)
        {
            FinishSending();
        }
    }

    /// <summary>Ends our side: half a close, as completing the output asks for.</summary>
    public void EndSending()
    {
        if ((_states & (LoopConnectionStates.SendEnded | LoopConnectionStates.Dead)) == 0)
        {
            _states |= LoopConnectionStates.SendEnded;
            LinuxSocket.ShutdownSend(Descriptor);
        }
    }

    /// <summary>The descriptor goes at the end of the batch.</summary>
    public void CloseNow()
    {
        if ((_states & (LoopConnectionStates.ClosePending | LoopConnectionStates.Closed)) == 0)
        {
            _states |= LoopConnectionStates.ClosePending;
            _loop.Closer.Close(this);
        }
    }

    /// <summary>The closer's: nothing else may close a descriptor.</summary>
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
        // Either this sees who asks for the local address, or he sees that it is closed.
        Interlocked.MemoryBarrier();
        if (_extras is { } extras)
        {
            lock (extras)
            {
                LinuxSocket.Close(Descriptor);
            }
        }
        else
        {
            LinuxSocket.Close(Descriptor);
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
        Task handler = _handler!;
        _handler = null;
        _loop.HandlerEnded(this, handler.Exception?.InnerException ?? (handler.IsCanceled ? new OperationCanceledException() : null));
        _input.Release();
        _states |= LoopConnectionStates.Closing;
        if (IsDead || IsClosed)
        {
            _output.Release();
            CloseNow();
            return;
        }

        _output.CompleteForClose();
        FinishSending();
    }

    private void FinishSending()
    {
        if (IsDead)
        {
            CloseNow();
            return;
        }

        bool isFirstLook = (_states & LoopConnectionStates.Lingering) == 0;
        if (_output.HasPending)
        {
            StartLinger();
            return;
        }

        if (InputEnded)
        {
            CloseNow();
            return;
        }

        EndSending();
        _states |= LoopConnectionStates.Discarding;
        Discard();
        if (isFirstLook && (_states & LoopConnectionStates.ClosePending) == 0)
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
            if (count <= 0 || _discarded > _loop.Settings.LingerBytes)
            {
                CloseNow();
            }
        }
    }

    private void TellClosed()
    {
        if ((_states & LoopConnectionStates.ClosedTold) == 0)
        {
            _states |= LoopConnectionStates.ClosedTold;
            CancelClosedSource();
        }
    }
}
