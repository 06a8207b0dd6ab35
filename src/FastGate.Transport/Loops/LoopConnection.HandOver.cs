using FastGate.Transport.HandOver;

namespace FastGate.Transport.Loops;

/// <summary>Passing the socket to another owner. Afterwards this object is a closed connection: a signal, a turn or a write finds nothing.</summary>
internal partial class LoopConnection
{
    private const LoopConnectionStates Ending =
        LoopConnectionStates.Dead | LoopConnectionStates.Closing | LoopConnectionStates.ClosePending | LoopConnectionStates.Closed;

    /// <inheritdoc/>
    public DetachedSocket? Detach()
    {
        _loop.ThrowIfOffLoop();

        // An abort that the loop has not handled yet counts too: its caller expects that the peer sees it.
        return (_states & Ending) != 0 || _extras?.Fault is not null || Pipe.Writer.IsCompleted ? null : TakeSocket();
    }

    /// <summary>As <see cref="Detach"/>, for a connection whose handler has ended and whose last bytes are being sent.</summary>
    public DetachedSocket? DetachClosing()
    {
        if (_handler is { IsCompleted: true })
        {
            OnHandlerDone();
        }

        return (_states & Ending) == LoopConnectionStates.Closing && _extras?.Fault is null ? TakeSocket() : null;
    }

    /// <summary>Adds the bytes of the earlier owner. Before the handler starts.</summary>
    public void Adopt(DetachedSocket socket)
    {
        if (!socket.UnreadInput.IsEmpty)
        {
            Pipe.Reader.Adopt(socket.UnreadInput.Span);
        }

        if (!socket.UnsentOutput.IsEmpty)
        {
            Pipe.Writer.SendLater(socket.UnsentOutput.Span);
        }
    }

    private DetachedSocket TakeSocket()
    {
        // Throws before anything has changed when a read is in progress.
        ReadOnlyMemory<byte> unread = Pipe.Reader.TakeUnread();
        ReadOnlyMemory<byte> unsent = Pipe.Writer.TakeUnsent();
        _loop.RemoveFromEpoll(this);
        _loop.Connections.Remove(this);
        _states = (_states | LoopConnectionStates.Dead | LoopConnectionStates.ClosePending | LoopConnectionStates.Closed)
            & ~LoopConnectionStates.Readable;
        WaitForAddressReader();
        _loop.ConnectionClosed();
        SignalClosed();

        // Operations that wait end here, which may continue the handler: last.
        try
        {
            Pipe.Writer.OnDeath();
        }
        finally
        {
            Pipe.Reader.OnDeath();
        }

        return new DetachedSocket(Descriptor, unread, unsent);
    }
}
