using System.Net.Sockets;
using FastGate.Transport.Accept;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Linux;

/// <summary>What an errno means to those above.</summary>
internal static class LinuxError
{
    /// <summary>Gives the result back; an error, which only a bug or an exhausted system explains here, is thrown.</summary>
    public static int ThrowIfError(int result, string call) =>
        result >= 0 ? result : throw new IOException($"{call}: {Describe(result)}", new SocketException(-result));

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

    /// <summary>
    /// Our own words for the errors of an exhausted system: the framework's live in an assembly that could not be loaded any
    /// more when descriptors have run out.
    /// </summary>
    public static string Describe(int error) => error switch
    {
        -LinuxSocket.TooManyFilesError => "the process has no descriptor left",
        -LinuxSocket.FileTableError => "the system has no descriptor left",
        -LinuxSocket.NoMemoryError => "the kernel has no memory left",
        -LinuxSocket.NoBuffersError => "the kernel has no buffer left",
        -LinuxSocket.ConnectionResetError => "connection reset by the peer",
        -LinuxSocket.BrokenPipeError => "the peer takes nothing more",
        _ => $"errno {-error}",
    };
}
