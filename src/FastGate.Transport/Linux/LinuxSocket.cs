using System.Reflection;
using System.Runtime.InteropServices;

namespace FastGate.Transport.Linux;

/// <summary>
/// The system calls of the event loops. Every call gives its result or the negated errno, retries when a signal interrupts
/// it and takes only blittable arguments. The numbers are those Linux uses on x64 and arm64 alike, with glibc and with musl.
/// No call suppresses the GC transition: each may take microseconds, and a collection would have to wait for it.
/// </summary>
internal static unsafe partial class LinuxSocket
{
    public const int InterruptedError = 4;
    public const int AgainError = 11;
    public const int NoMemoryError = 12;
    public const int FileTableError = 23;
    public const int TooManyFilesError = 24;
    public const int BrokenPipeError = 32;
    public const int NotSocketError = 88;
    public const int AddressInUseError = 98;
    public const int ConnectionAbortedError = 103;
    public const int ConnectionResetError = 104;
    public const int NoBuffersError = 105;

    public const uint In = 0x1;
    public const uint Out = 0x4;
    public const uint Error = 0x8;
    public const uint HangUp = 0x10;
    public const uint ReadHangUp = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    /// <summary>Bytes of the largest address accept fills in: that of IPv6.</summary>
    public const int AddressSize = 28;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int NoSignal = 0x4000;
    private const int Stream = 1;
    private const int SocketLevel = 1;
    private const int TcpLevel = 6;
    private const int Ipv6Level = 41;

    /// <summary>Bytes from one epoll_event to the next: packed on x64 only.</summary>
    internal static readonly int s_eventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    /// <summary>Where epoll_event keeps the caller's word.</summary>
    internal static readonly int s_eventDataOffset = s_eventSize - sizeof(ulong);

    /// <summary>
    /// Finds every call now: later, when descriptors have run out, the library could not be looked up any more. Throws when
    /// one is missing.
    /// </summary>
    public static void Prelink()
    {
        foreach (MethodInfo method in typeof(LinuxSocket).GetMethods(BindingFlags.NonPublic | BindingFlags.Static))
        {
            if (method.IsDefined(typeof(DllImportAttribute)) || (method.Attributes & MethodAttributes.PinvokeImpl) != 0)
            {
                Marshal.Prelink(method);
            }
        }
    }

    public static int CreateListener(bool ipv6) => Result(SocketNative(ipv6 ? 10 : 2, Stream | CloseOnExec | NonBlocking, 0));

    public static int Bind(int descriptor, ReadOnlySpan<byte> address)
    {
        fixed (byte* pointer = address)
        {
            return Result(BindNative(descriptor, pointer, (uint)address.Length));
        }
    }

    public static int Listen(int descriptor, int backlog) => Result(ListenNative(descriptor, backlog));

    /// <summary>Takes the next connection; <paramref name="address"/> is at least <see cref="AddressSize"/> bytes.</summary>
    public static int Accept(int descriptor, byte* address)
    {
        while (true)
        {
            uint length = AddressSize;
            int result = Result(AcceptNative(descriptor, address, &length, CloseOnExec | NonBlocking));
            if (result != -InterruptedError)
            {
                return result;
            }
        }
    }

    public static int LocalAddress(int descriptor, byte* address)
    {
        uint length = AddressSize;
        return Result(LocalAddressNative(descriptor, address, &length));
    }

    public static int Receive(int descriptor, byte* buffer, int length)
    {
        while (true)
        {
            nint result = ReceiveNative(descriptor, buffer, (nuint)length, 0);
            if (result >= 0)
            {
                return (int)result;
            }

            int error = Marshal.GetLastSystemError();
            if (error != InterruptedError)
            {
                return -error;
            }
        }
    }

    public static int Send(int descriptor, byte* buffer, int length)
    {
        while (true)
        {
            nint result = SendNative(descriptor, buffer, (nuint)length, NoSignal);
            if (result >= 0)
            {
                return (int)result;
            }

            int error = Marshal.GetLastSystemError();
            if (error != InterruptedError)
            {
                return -error;
            }
        }
    }

    /// <summary>One send for several pieces.</summary>
    public static int Send(int descriptor, IoVector* pieces, int count)
    {
        // musl counts pieces in 32 bits and pads; on little-endian machines the padding is this field's upper half.
        var message = new MessageHeader { Pieces = pieces, PieceCount = (nuint)count };
        while (true)
        {
            nint result = SendMessageNative(descriptor, &message, NoSignal);
            if (result >= 0)
            {
                return (int)result;
            }

            int error = Marshal.GetLastSystemError();
            if (error != InterruptedError)
            {
                return -error;
            }
        }
    }

    /// <summary>Says to the peer that nothing more will be sent.</summary>
    public static int ShutdownSend(int descriptor) => Result(ShutdownNative(descriptor, 1));

    /// <summary>Not retried: Linux has let go of the descriptor even when a signal interrupts the call.</summary>
    public static int Close(int descriptor) => Result(CloseNative(descriptor));

    public static int CreateEpoll() => Result(EpollCreateNative(CloseOnExec));

    public static int CreateEvent() => Result(EventNative(0, CloseOnExec | NonBlocking));

    public static int AddToEpoll(int epoll, int descriptor, uint events, ulong data) => Control(epoll, 1, descriptor, events, data);

    public static int ChangeInEpoll(int epoll, int descriptor, uint events, ulong data) => Control(epoll, 3, descriptor, events, data);

    /// <summary>Waits for events; there must be room for <paramref name="capacity"/> of <see cref="s_eventSize"/> bytes.</summary>
    public static int Wait(int epoll, byte* events, int capacity, int timeoutMs)
    {
        int result = EpollWaitNative(epoll, events, capacity, timeoutMs);
        if (result >= 0)
        {
            return result;
        }

        // Not retried here: the caller counts its time anew.
        int error = Marshal.GetLastSystemError();
        return error == InterruptedError ? 0 : -error;
    }

    /// <summary>Makes an eventfd readable. It is never read: with edge triggering each write is an event of its own.</summary>
    public static void WriteEvent(int descriptor)
    {
        ulong one = 1;
        while (WriteNative(descriptor, &one, sizeof(ulong)) < 0 && Marshal.GetLastSystemError() == InterruptedError)
        {
        }
    }

    public static int SetReuseAddress(int descriptor) => SetOption(descriptor, SocketLevel, 2, 1);

    public static int SetReusePort(int descriptor) => SetOption(descriptor, SocketLevel, 15, 1);

    public static int SetDualMode(int descriptor) => SetOption(descriptor, Ipv6Level, 26, 0);

    /// <summary>On a listener: Linux hands these on to every socket accepted from it, which saves four calls for each.</summary>
    public static int SetStreamOptions(int descriptor, TransportOptions settings)
    {
        int result = SetOption(descriptor, TcpLevel, 1, 1);
        result = result < 0 ? result : SetOption(descriptor, SocketLevel, 9, 1);
        result = result < 0 ? result : SetOption(descriptor, TcpLevel, 4, settings.KeepAliveIdleSeconds);
        result = result < 0 ? result : SetOption(descriptor, TcpLevel, 5, settings.KeepAliveIntervalSeconds);
        return result < 0 ? result : SetOption(descriptor, TcpLevel, 6, settings.KeepAliveProbes);
    }

    /// <summary>Makes the next close a reset.</summary>
    public static int SetResetOnClose(int descriptor)
    {
        // struct linger { on = 1, seconds = 0 }
        ulong linger = 1;
        return Result(SetOptionNative(descriptor, SocketLevel, 13, &linger, sizeof(ulong)));
    }

    private static int SetOption(int descriptor, int level, int name, int value) =>
        Result(SetOptionNative(descriptor, level, name, &value, sizeof(int)));

    private static int Control(int epoll, int operation, int descriptor, uint events, ulong data)
    {
        byte* record = stackalloc byte[16];
        *(uint*)record = events;
        *(ulong*)(record + s_eventDataOffset) = data;
        return Result(EpollControlNative(epoll, operation, descriptor, record));
    }

    private static int Result(int result) => result >= 0 ? result : -Marshal.GetLastSystemError();

    [LibraryImport("libc", EntryPoint = "socket")]
    private static partial int SocketNative(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind")]
    private static partial int BindNative(int descriptor, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "listen")]
    private static partial int ListenNative(int descriptor, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4")]
    private static partial int AcceptNative(int descriptor, byte* address, uint* length, int flags);

    [LibraryImport("libc", EntryPoint = "getsockname")]
    private static partial int LocalAddressNative(int descriptor, byte* address, uint* length);

    [LibraryImport("libc", EntryPoint = "recv")]
    private static partial nint ReceiveNative(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send")]
    private static partial nint SendNative(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg")]
    private static partial nint SendMessageNative(int descriptor, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    private static partial int ShutdownNative(int descriptor, int how);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseNative(int descriptor);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    private static partial int SetOptionNative(int descriptor, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "epoll_create1")]
    private static partial int EpollCreateNative(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl")]
    private static partial int EpollControlNative(int epoll, int operation, int descriptor, byte* record);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    private static partial int EpollWaitNative(int epoll, byte* events, int capacity, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "eventfd")]
    private static partial int EventNative(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint WriteNative(int descriptor, void* buffer, nuint length);

    /// <summary>struct iovec</summary>
    internal struct IoVector
    {
        public byte* Start;
        public nuint Length;
    }

    /// <summary>struct msghdr</summary>
    private struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Pieces;
        public nuint PieceCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
