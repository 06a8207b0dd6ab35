using System.ComponentModel;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport;

/// <summary>What an errno means to those above.</summary>
internal static class LinuxError
{
    /// <summary>Gives the result back; an error, which only a bug or an exhausted system explains here, is thrown.</summary>
    public static int ThrowIfError(int result, string call) =>
        result >= 0 ? result : throw new IOException($"{call}: {Describe(result)}", new Win32Exception(-result));

    public static AcceptErrorKind AcceptKind(int error) => error switch
    {
        -LinuxSocket.TooManyFilesError or -LinuxSocket.FileTableError or -LinuxSocket.NoMemoryError or -LinuxSocket.NoBuffersError
            => AcceptErrorKind.Pressure,
        -LinuxSocket.NotSocketError or -9 or -22 or -95 => AcceptErrorKind.Fatal,
        _ => AcceptErrorKind.Transient,
    };

    /// <summary>
    /// What a handler sees: a reset as Kestrel's transport shows it, anything else (a keep-alive that went unanswered, a route
    /// that is gone) as the peer vanished.
    /// </summary>
    public static IOException ToException(int error) => error switch
    {
        -LinuxSocket.ConnectionResetError or -LinuxSocket.BrokenPipeError or -LinuxSocket.ConnectionAbortedError
            => new ConnectionResetException(Describe(error)),
        _ => new IOException(Describe(error), new SocketException(-error)),
    };

    public static string Describe(int error) => new Win32Exception(-error).Message;
}
