using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Sockets;

/// <summary>
/// A connection of the sockets transport. It receives when its handler reads and sends when it flushes: no byte is on its way through a task
/// of the transport, so that the socket can pass to another owner between two reads. Members are for the handler unless marked "any thread".
/// </summary>
internal partial class SocketConnection : ConnectionContext, IDuplexPipe
{
    private readonly SocketsTransport _transport;
    private readonly SocketPipeReader _input;
    private readonly SocketPipeWriter _output;
    private readonly CancellationTokenSource _waits = new();

    // Any thread.
    private Exception? _fault;
    private int _owner;
    private int _isReleased;
    private int _isClosing;
    private int _isHeldTwice;

    public SocketConnection(SocketsTransport transport, Socket socket)
    {
        _transport = transport;
        Socket = socket;

        // A receive or a send that would wait returns instead.
        socket.Blocking = false;
        _input = new SocketPipeReader(this);
        _output = new SocketPipeWriter(this);
    }

    /// <summary>The owner of the socket. It changes once.</summary>
    private enum Owner
    {
        Connection,
        Elsewhere,
        Closed,
    }

    public Socket Socket { get; }

    /// <summary>Covers the state of both pipes and each receive and send; held for no longer than such a call.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Cancelled when the runtime must not wait for input or room any longer.</summary>
    public CancellationToken WaitsEnd => _waits.Token;

    public SocketPipeReader Reader => _input;

    public SocketPipeWriter Writer => _output;

    /// <summary>Any thread. Why operations fail; null while they do not.</summary>
    public Exception? Fault => Volatile.Read(ref _fault);

    /// <summary>Any thread. The socket is closed, or has another owner.</summary>
    public bool IsGone => Volatile.Read(ref _owner) != (int)Owner.Connection;

    PipeReader IDuplexPipe.Input => _input;

    PipeWriter IDuplexPipe.Output => _output;

    /// <summary>Any thread. Reads fail with the first reason; the peer sees a reset.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (TryEnd(Owner.Closed, abortReason))
        {
            Socket.Close(0);
            EndPipes();
        }
    }

    /// <summary>Any thread. Closes the socket in order, unless it is closed already or has another owner.</summary>
    public override ValueTask DisposeAsync()
    {
        if (TryEnd(Owner.Closed, new ConnectionAbortedException("The connection was disposed.")))
        {
            _input.Close();
            EndPipes();
        }

        return base.DisposeAsync();
    }

    /// <summary>Any thread. An operation has failed, and all later ones fail. The first reason counts.</summary>
    public Exception Fail(Exception exception)
    {
        Exception fault = Interlocked.CompareExchange(ref _fault, exception, null) ?? exception;
        SignalClosed();
        return fault;
    }

    /// <summary>Throws with a fresh stack trace: the same exception may be thrown several times.</summary>
    public void ThrowFault() => ExceptionDispatchInfo.Throw(Fault ?? new ConnectionAbortedException("The connection is closed."));

    public void CancelWaits() => _waits.Cancel();

    public void ShutdownSend()
    {
        try
        {
            if (!IsGone)
            {
                Socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer has gone, or the connection was aborted meanwhile.
        }
    }

    /// <summary>The handler has ended, and the transport closes the connection.</summary>
    public void BeginClosing() => Volatile.Write(ref _isClosing, 1);

    /// <summary>Any thread. True for the first caller: the connection is counted no longer.</summary>
    public bool TryRelease() => Interlocked.Exchange(ref _isReleased, 1) == 0;

    private bool TryEnd(Owner owner, Exception fault)
    {
        if (Interlocked.CompareExchange(ref _owner, (int)owner, (int)Owner.Connection) != (int)Owner.Connection)
        {
            return false;
        }

        Interlocked.CompareExchange(ref _fault, fault, null);
        return true;
    }

    private void EndPipes()
    {
        SignalClosed();
        _output.OnEnd();
        _input.OnEnd();
    }
}
