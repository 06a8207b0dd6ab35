using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Linux;

/// <summary>The errno values that are handled, and what they mean for an accept, a handler or a log line.</summary>
internal static class LinuxError
{
    public const int Interrupted = 4;
    public const int BadDescriptor = 9;
    public const int Again = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int InvalidArgument = 22;
    public const int FileTableFull = 23;
    public const int TooManyFiles = 24;
    public const int BrokenPipe = 32;
    public const int NotSocket = 88;
    public const int NotSupported = 95;
    public const int AddressInUse = 98;
    public const int AddressNotAvailable = 99;
    public const int ConnectionAborted = 103;
    public const int ConnectionReset = 104;
    public const int NoBuffers = 105;

    /// <summary>Returns the result, or throws: an error here is a defect or an exhausted system.</summary>
    public static int ThrowIfError(int result, string call) =>
        result >= 0 ? result : throw new IOException($"{call}: {Describe(result)}", new SocketException(-result));

    public static AcceptErrorKind AcceptKind(int error) => error switch
    {
        -TooManyFiles or -FileTableFull or -NoMemory or -NoBuffers => AcceptErrorKind.Pressure,
        -NotSocket or -BadDescriptor or -InvalidArgument or -NotSupported => AcceptErrorKind.Fatal,
        _ => AcceptErrorKind.Transient,
    };

    /// <summary>
    /// The exception for a handler: a reset as Kestrel's transport reports it; any other error (unanswered keep-alive, lost route) as an
    /// <see cref="IOException"/>.
    /// </summary>
    public static IOException ToException(int error) => error switch
    {
        -ConnectionReset or -BrokenPipe or -ConnectionAborted => new ConnectionResetException(Describe(error)),
        _ => new IOException(Describe(error), new SocketException(-error)),
    };

    /// <summary>Own texts for an exhausted system: the assembly with the framework's texts can no longer be loaded without descriptors.</summary>
    public static string Describe(int error) => error switch
    {
        -TooManyFiles => "the process has no descriptor left",
        -FileTableFull => "the system has no descriptor left",
        -NoMemory => "the kernel has no memory left",
        -NoBuffers => "the kernel has no buffer left",
        -ConnectionReset => "connection reset by the peer",
        -BrokenPipe => "the peer has closed the connection",
        -AccessDenied => "permission denied",
        -AddressNotAvailable => "this machine has no such address",
        _ => $"errno {-error}",
    };
}
