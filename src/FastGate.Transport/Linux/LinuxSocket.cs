using System.Net;
using System.Runtime.CompilerServices;

namespace FastGate.Transport.Linux;

/// <summary>
/// Non-blocking TCP sockets. Every call returns its result or the negated errno (see <see cref="LinuxError"/>), and a call that a signal
/// interrupts is repeated. The numbers are those of Linux on x64 and arm64, with glibc and with musl.
/// </summary>
internal static unsafe class LinuxSocket
{
    /// <summary>Bytes of the largest address that accept writes: that of IPv6.</summary>
    public const int AddressSize = 28;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int NoSignal = 0x4000;
    private const int Stream = 1;
    private const int Ipv4Family = 2;
    private const int Ipv6Family = 10;
    private const int SocketLevel = 1;
    private const int TcpLevel = 6;
    private const int Ipv6Level = 41;

    public static int Create(bool ipv6 = false) => LibC.ResultOrError(LibC.Socket(ipv6 ? Ipv6Family : Ipv4Family, Stream | CloseOnExec | NonBlocking, 0));

    /// <param name="descriptor">The socket.</param>
    /// <param name="address">As <see cref="LinuxAddress"/> writes it.</param>
    public static int Bind(int descriptor, ReadOnlySpan<byte> address)
    {
        fixed (byte* pointer = address)
        {
            return LibC.ResultOrError(LibC.Bind(descriptor, pointer, (uint)address.Length));
        }
    }

    public static int Listen(int descriptor, int backlog) => LibC.ResultOrError(LibC.Listen(descriptor, backlog));

    /// <summary>
    /// Accepts the next connection. <paramref name="address"/> is null, or has room for <see cref="AddressSize"/> bytes.
    /// </summary>
    public static int Accept(int descriptor, byte* address)
    {
        int result;
        do
        {
            uint length = AddressSize;
            result = LibC.ResultOrError(LibC.Accept(descriptor, address, address is null ? null : &length, CloseOnExec | NonBlocking));
        }
        while (result == -LinuxError.Interrupted);

        return result;
    }

    public static IPEndPoint? LocalEndPoint(int descriptor)
    {
        byte* address = stackalloc byte[AddressSize];
        uint length = AddressSize;
        return LibC.GetSocketName(descriptor, address, &length) < 0 ? null : LinuxAddress.Read(new ReadOnlySpan<byte>(address, AddressSize));
    }

    /// <summary>Writes the peer's address; writes nothing when the connection has been reset already.</summary>
    public static void ReadPeer(int descriptor, Span<byte> address)
    {
        fixed (byte* pointer = address)
        {
            uint length = (uint)address.Length;
            _ = LibC.GetPeerName(descriptor, pointer, &length);
        }
    }

    public static bool IsListening(int descriptor)
    {
        int value = 0;
        uint length = sizeof(int);
        return LibC.GetSocketOption(descriptor, SocketLevel, 30, &value, &length) >= 0 && value != 0;
    }

    /// <summary>Another descriptor of the same socket; closing the first one does not end the connection.</summary>
    public static int Duplicate(int descriptor) => LibC.ResultOrError(LibC.FileControl(descriptor, 1030, 0));

    /// <summary>Does nothing to a socket that is non-blocking, as every one from an event loop is: its holders share this property.</summary>
    public static int SetNonBlocking(int descriptor)
    {
        int flags = LibC.ResultOrError(LibC.FileControl(descriptor, 3, 0));
        return flags < 0 || (flags & NonBlocking) != 0 ? flags : LibC.ResultOrError(LibC.FileControl(descriptor, 4, flags | NonBlocking));
    }

    /// <summary>Not inlined: its callers are within a try block, where the runtime calls libc by a stub instead of directly.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Receive(int descriptor, byte* buffer, int length)
    {
        int result;
        do
        {
            result = LibC.ResultOrError(LibC.Receive(descriptor, buffer, (nuint)length, 0));
        }
        while (result == -LinuxError.Interrupted);

        return result;
    }

    public static int Receive(int descriptor, Span<byte> buffer)
    {
        fixed (byte* pointer = buffer)
        {
            return Receive(descriptor, pointer, buffer.Length);
        }
    }

    public static int Send(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            int result;
            do
            {
                result = LibC.ResultOrError(LibC.Send(descriptor, pointer, (nuint)bytes.Length, NoSignal));
            }
            while (result == -LinuxError.Interrupted);

            return result;
        }
    }

    /// <summary>Sends several pieces with one call.</summary>
    public static int Send(int descriptor, IoVector* pieces, int count)
    {
        // musl counts the pieces in 32 bits and pads; on little-endian machines the padding is the upper half of this field.
        var message = new LibC.MessageHeader { Pieces = pieces, PieceCount = (nuint)count };
        int result;
        do
        {
            result = LibC.ResultOrError(LibC.SendMessage(descriptor, &message, NoSignal));
        }
        while (result == -LinuxError.Interrupted);

        return result;
    }

    /// <summary>Ends the sending side: the peer reads the end of the stream after the last byte.</summary>
    public static int ShutdownSend(int descriptor) => LibC.ResultOrError(LibC.Shutdown(descriptor, 1));

    /// <summary>Never repeated: Linux releases the descriptor even when a signal interrupts the call.</summary>
    public static int Close(int descriptor) => LibC.ResultOrError(LibC.Close(descriptor));

    public static int SetNoDelay(int descriptor) => SetOption(descriptor, TcpLevel, 1, 1);

    public static int SetReuseAddress(int descriptor) => SetOption(descriptor, SocketLevel, 2, 1);

    public static int SetReusePort(int descriptor) => SetOption(descriptor, SocketLevel, 15, 1);

    public static int SetSendBuffer(int descriptor, int bytes) => SetOption(descriptor, SocketLevel, 7, bytes);

    public static int SetReceiveBuffer(int descriptor, int bytes) => SetOption(descriptor, SocketLevel, 8, bytes);

    /// <summary>Lets an IPv6 listener accept IPv4 connections too.</summary>
    public static int SetDualMode(int descriptor) => SetOption(descriptor, Ipv6Level, 26, 0);

    /// <summary>Set on a listener: Linux copies these options to every accepted socket, which saves four calls each.</summary>
    public static int SetStreamOptions(int descriptor, TransportOptions options)
    {
        int result = SetNoDelay(descriptor);
        result = result < 0 ? result : SetSendBuffer(descriptor, options.SendBuffer);
        result = result < 0 ? result : SetReceiveBuffer(descriptor, options.ReceiveBuffer);
        result = result < 0 ? result : SetOption(descriptor, SocketLevel, 9, options.KeepAlive ? 1 : 0);
        if (result < 0 || !options.KeepAlive)
        {
            return result;
        }

        result = SetOption(descriptor, TcpLevel, 4, options.KeepAliveIdleSeconds);
        result = result < 0 ? result : SetOption(descriptor, TcpLevel, 5, options.KeepAliveIntervalSeconds);
        return result < 0 ? result : SetOption(descriptor, TcpLevel, 6, options.KeepAliveProbes);
    }

    /// <summary>Makes the next close send a reset.</summary>
    public static int SetResetOnClose(int descriptor)
    {
        // struct linger { on = 1, seconds = 0 }
        ulong linger = 1;
        return LibC.ResultOrError(LibC.SetSocketOption(descriptor, SocketLevel, 13, &linger, sizeof(ulong)));
    }

    /// <summary>Closes with a reset, whatever the peer has sent or still sends.</summary>
    public static void Reset(int descriptor)
    {
        SetResetOnClose(descriptor);
        Close(descriptor);
    }

    public static int SetOption(int descriptor, int level, int name, int value) =>
        LibC.ResultOrError(LibC.SetSocketOption(descriptor, level, name, &value, sizeof(int)));

    /// <summary>A number that no other socket has until the machine is started again; copies of the descriptor have the same.</summary>
    public static ulong Cookie(int descriptor)
    {
        ulong cookie = 0;
        uint length = sizeof(ulong);
        LinuxError.ThrowIfError(LibC.ResultOrError(LibC.GetSocketOption(descriptor, SocketLevel, 57, &cookie, &length)), "getsockopt");
        return cookie;
    }

    /// <summary>
    /// Sets the classic BPF program that decides about each packet to the socket, instead of one that it has. Set on a listener, it sees the packets of
    /// connects, and each accepted socket has it too.
    /// </summary>
    public static int AttachFilter(int descriptor, ReadOnlySpan<ulong> instructions)
    {
        fixed (ulong* pointer = instructions)
        {
            var program = new LibC.FilterProgram { Count = (ushort)instructions.Length, Instructions = pointer };
            return LibC.ResultOrError(LibC.SetSocketOption(descriptor, SocketLevel, 26, &program, (uint)sizeof(LibC.FilterProgram)));
        }
    }

    public static int DetachFilter(int descriptor) => SetOption(descriptor, SocketLevel, 27, 0);

    /// <summary>
    /// Packets to the socket that the kernel has dropped: by a filter, or because a listener's queue was full. Overflows to 0. The given number when the kernel
    /// does not say it.
    /// </summary>
    public static uint DroppedPackets(int descriptor, uint unknown = 0)
    {
        const int Drops = 8;
        uint* counts = stackalloc uint[Drops + 1];
        counts[Drops] = unknown;
        uint length = (Drops + 1) * sizeof(uint);
        _ = LibC.GetSocketOption(descriptor, SocketLevel, 55, counts, &length);
        return counts[Drops];
    }

    public static int SetCloseOnExec(int descriptor) => LibC.ResultOrError(LibC.FileControl(descriptor, 2, 1));

    /// <summary>struct iovec</summary>
    internal struct IoVector
    {
        public byte* Start;
        public nuint Length;
    }
}
