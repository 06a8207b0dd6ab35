using System.Runtime.InteropServices;

namespace FastGate.LoadTest.Linux;

/// <summary>
/// The system calls of the driver. Each gives its result or the negated errno, and takes only blittable arguments. The numbers are
/// those of Linux on x64 and arm64. .NET's own sockets would cost the driver several times the CPU, and the driver must cost less
/// than what it measures.
/// </summary>
internal static unsafe partial class SystemCall
{
    public const int AgainError = 11;
    public const int InProgressError = 115;
    public const uint In = 0x1;
    public const uint Out = 0x4;
    public const uint Error = 0x8;
    public const uint HangUp = 0x10;
    public const uint ReadHangUp = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    private const int InterruptedError = 4;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int NoSignal = 0x4000;
    private const int Stream = 1;
    private const int InternetFamily = 2;
    private const int SocketLevel = 1;
    private const int TcpLevel = 6;

    /// <summary>Bytes from one epoll_event to the next: packed on x64 only.</summary>
    public static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private static bool s_preciseWait = true;

    public static int CreateSocket()
    {
        int descriptor = Result(SocketNative(InternetFamily, Stream | CloseOnExec | NonBlocking, 0));
        if (descriptor >= 0)
        {
            SetOption(descriptor, TcpLevel, 1, 1);
        }

        return descriptor;
    }

    /// <summary>Sends from this address; the port is chosen when connecting, so that each address has all ports for each target.</summary>
    public static int BindSource(int descriptor, uint address)
    {
        int result = SetOption(descriptor, 0, 24, 1);
        if (result < 0)
        {
            return result;
        }

        ulong* name = stackalloc ulong[2];
        FillAddress(name, address, 0);
        return Result(BindNative(descriptor, name, 16));
    }

    public static int Connect(int descriptor, uint address, ushort port)
    {
        ulong* name = stackalloc ulong[2];
        FillAddress(name, address, port);
        return Result(ConnectNative(descriptor, name, 16));
    }

    /// <summary>A listening socket on this address; port 0 leaves the choice to the kernel.</summary>
    public static int Listen(uint address, ushort port, int backlog)
    {
        int descriptor = CreateSocket();
        if (descriptor < 0)
        {
            return descriptor;
        }

        SetOption(descriptor, SocketLevel, 2, 1);
        ulong* name = stackalloc ulong[2];
        FillAddress(name, address, port);
        int result = Result(BindNative(descriptor, name, 16));
        result = result < 0 ? result : Result(ListenNative(descriptor, backlog));
        if (result < 0)
        {
            _ = Close(descriptor);
            return result;
        }

        return descriptor;
    }

    public static int LocalPort(int descriptor)
    {
        ulong* name = stackalloc ulong[2];
        uint length = 16;
        int result = Result(GetNameNative(descriptor, name, &length));
        byte* bytes = (byte*)name;
        return result < 0 ? result : (bytes[2] << 8) | bytes[3];
    }

    public static int Accept(int listener)
    {
        int descriptor = Result(AcceptNative(listener, null, null, CloseOnExec | NonBlocking));
        if (descriptor >= 0)
        {
            SetOption(descriptor, TcpLevel, 1, 1);
        }

        return descriptor;
    }

    public static int SetReceiveBuffer(int descriptor, int bytes) => SetOption(descriptor, SocketLevel, 8, bytes);

    public static int Receive(int descriptor, byte* buffer, int length)
    {
        while (true)
        {
            int result = Result((int)ReceiveNative(descriptor, buffer, (nuint)length, 0));
            if (result != -InterruptedError)
            {
                return result;
            }
        }
    }

    public static int Send(int descriptor, byte* buffer, int length)
    {
        while (true)
        {
            int result = Result((int)SendNative(descriptor, buffer, (nuint)length, NoSignal));
            if (result != -InterruptedError)
            {
                return result;
            }
        }
    }

    public static int Close(int descriptor) => Result(CloseNative(descriptor));

    public static int CreateEpoll() => Result(EpollCreateNative(CloseOnExec));

    public static int AddToEpoll(int epoll, int descriptor, uint events, ulong data)
    {
        byte* record = stackalloc byte[16];
        *(uint*)record = events;
        *(ulong*)(record + EventSize - sizeof(ulong)) = data;
        return Result(EpollControlNative(epoll, 1, descriptor, record));
    }

    /// <summary>Waits for events, to the nanosecond where Linux can (5.11 with glibc 2.35), else to the millisecond.</summary>
    public static int Wait(int epoll, byte* events, int capacity, long nanoseconds)
    {
        int result;
        if (s_preciseWait)
        {
            try
            {
                long* timeout = stackalloc long[2] { nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000 };
                result = Result(EpollPreciseWaitNative(epoll, events, capacity, timeout, null));
                if (result != -38)
                {
                    return result == -InterruptedError ? 0 : result;
                }
            }
            catch (EntryPointNotFoundException)
            {
            }

            s_preciseWait = false;
        }

        result = Result(EpollWaitNative(epoll, events, capacity, (int)(nanoseconds / 1_000_000)));
        return result == -InterruptedError ? 0 : result;
    }

    /// <summary>struct sockaddr_in, all in network order but the family.</summary>
    private static void FillAddress(ulong* name, uint address, ushort port)
    {
        byte* bytes = (byte*)name;
        name[0] = 0;
        name[1] = 0;
        *(ushort*)bytes = InternetFamily;
        bytes[2] = (byte)(port >> 8);
        bytes[3] = (byte)port;
        for (int i = 0; i < 4; i++)
        {
            bytes[4 + i] = (byte)(address >> (24 - (8 * i)));
        }
    }

    private static int SetOption(int descriptor, int level, int name, int value) =>
        Result(SetOptionNative(descriptor, level, name, &value, sizeof(int)));

    private static int Result(int result) => result >= 0 ? result : -Marshal.GetLastSystemError();

    [LibraryImport("libc", EntryPoint = "socket")]
    private static partial int SocketNative(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind")]
    private static partial int BindNative(int descriptor, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "connect")]
    private static partial int ConnectNative(int descriptor, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "recv")]
    private static partial nint ReceiveNative(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send")]
    private static partial nint SendNative(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "listen")]
    private static partial int ListenNative(int descriptor, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4")]
    private static partial int AcceptNative(int listener, void* name, void* length, int flags);

    [LibraryImport("libc", EntryPoint = "getsockname")]
    private static partial int GetNameNative(int descriptor, void* name, uint* length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseNative(int descriptor);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    private static partial int SetOptionNative(int descriptor, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "epoll_create1")]
    private static partial int EpollCreateNative(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl")]
    private static partial int EpollControlNative(int epoll, int operation, int descriptor, byte* record);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    private static partial int EpollWaitNative(int epoll, byte* events, int capacity, int timeout);

    [LibraryImport("libc", EntryPoint = "epoll_pwait2")]
    private static partial int EpollPreciseWaitNative(int epoll, byte* events, int capacity, long* timeout, void* signals);
}
