using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Sockets;

/// <summary>Converts failed operations into the exceptions that a handler sees, which are those of the event loops.</summary>
internal static class SocketErrors
{
    public static Exception ToException(SocketError error) => error switch
    {
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => new ConnectionResetException(new SocketException((int)error).Message),
        SocketError.OperationAborted or SocketError.Interrupted => new ConnectionAbortedException("The connection is closed."),
        _ => new IOException(new SocketException((int)error).Message, new SocketException((int)error)),
    };

    public static Exception ToException(Exception exception) => exception switch
    {
        SocketException socket => ToException(socket.SocketErrorCode),
        ObjectDisposedException or OperationCanceledException => new ConnectionAbortedException("The connection is closed."),
        _ => exception,
    };
}
