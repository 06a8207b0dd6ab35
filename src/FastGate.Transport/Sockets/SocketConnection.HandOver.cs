using FastGate.Transport.HandOver;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Sockets;

/// <summary>
/// Passing the socket to another owner. The owner gets a second descriptor, and the runtime's socket is closed without an operation in
/// progress: it would otherwise disconnect the peer, or change how the socket ends.
/// </summary>
internal partial class SocketConnection : IDetachableConnection
{
    /// <inheritdoc/>
    public DetachedSocket? Detach() => Volatile.Read(ref _isClosing) != 0 || _output.IsCompleted ? null : TakeSocket();

    /// <summary>Any thread. As <see cref="Detach"/>, for a connection that is being closed.</summary>
    public DetachedSocket? DetachClosing() => Volatile.Read(ref _isClosing) == 0 ? null : TakeSocket();

    /// <summary>Adds the bytes of the earlier owner. Before the handler starts.</summary>
    public void Adopt(DetachedSocket socket)
    {
        _input.Adopt(socket.UnreadInput.Span);
        _output.Adopt(socket.UnsentOutput.Span);
    }

    /// <summary>Any thread. Closes the runtime's socket after its last wait.</summary>
    public void CloseSocket()
    {
        Socket.Dispose();
        if (Interlocked.Exchange(ref _isHeldTwice, 0) != 0)
        {
            _transport.CountHeldTwice(-1);
        }
    }

    private DetachedSocket? TakeSocket()
    {
        if (!OperatingSystem.IsLinux() || Fault is not null || IsGone)
        {
            return null;
        }

        _input.ThrowIfReading();
        int descriptor = Duplicate();
        if (descriptor < 0)
        {
            return null;
        }

        Volatile.Write(ref _isHeldTwice, 1);
        _transport.CountHeldTwice(1);
        _output.Give(isGiven: true);
        if (!TryEnd(Owner.Elsewhere, new ConnectionAbortedException("The connection has another owner.")))
        {
            // An abort was faster.
            _output.Give(isGiven: false);
            LinuxSocket.Close(descriptor);
            CloseSocket();
            return null;
        }

        RuntimeEpolls.Remove((int)Socket.SafeHandle.DangerousGetHandle());
        if (_output.Take() is not { } unsent)
        {
            // It is not known what the peer has received, so the connection is reset.
            Socket.Close(0);
            LinuxSocket.Close(descriptor);
            CloseSocket();
            EndPipes();
            return null;
        }

        ReadOnlyMemory<byte> unread = _input.Take();
        _transport.Release(this);
        EndPipes();
        return new DetachedSocket(descriptor, unread, unsent);
    }

    private int Duplicate()
    {
        bool isHeld = false;
        try
        {
            // Another thread may abort the connection at the same time.
            Socket.SafeHandle.DangerousAddRef(ref isHeld);
            return LinuxSocket.Duplicate((int)Socket.SafeHandle.DangerousGetHandle());
        }
        catch (ObjectDisposedException)
        {
            return -LinuxError.BadDescriptor;
        }
        finally
        {
            if (isHeld)
            {
                Socket.SafeHandle.DangerousRelease();
            }
        }
    }
}
