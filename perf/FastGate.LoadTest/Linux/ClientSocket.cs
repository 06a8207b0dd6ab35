using System.Runtime.InteropServices;
using FastGate.Transport.Linux;

namespace FastGate.LoadTest.Linux;

/// <summary>The calls of a connecting socket, which the server does not need. Results as in <see cref="LinuxSocket"/>.</summary>
internal static unsafe partial class ClientSocket
{
    /// <summary>The error of <c>Connect</c> that means: the socket becomes writable when it is connected or has failed.</summary>
    public const int InProgress = 115;

    private const int IpLevel = 0;
    private const int SocketLevel = 1;

    /// <param name="descriptor">The socket.</param>
    /// <param name="address">As <see cref="LinuxAddress"/> writes it.</param>
    public static int Connect(int descriptor, ReadOnlySpan<byte> address)
    {
        fixed (byte* pointer = address)
        {
            return LibC.ResultOrError(Connect(descriptor, pointer, (uint)address.Length));
        }
    }

    public static int SetReceiveBuffer(int descriptor, int bytes) => LinuxSocket.SetOption(descriptor, SocketLevel, 8, bytes);

    /// <summary>
    /// IP_BIND_ADDRESS_NO_PORT: a bind to port 0 leaves the port to connect, so that each source address has all ports for each target.
    /// </summary>
    public static int SetBindAddressNoPort(int descriptor) => LinuxSocket.SetOption(descriptor, IpLevel, 24, 1);

    [LibraryImport("libc", EntryPoint = "connect")]
    private static partial int Connect(int descriptor, byte* address, uint length);
}
