using System.Runtime.InteropServices;

namespace FastGate.Transport.Linux;

/// <summary>epoll, and the eventfd that wakes a thread in it. Results as in <see cref="LinuxSocket"/>.</summary>
internal static unsafe class LinuxEpoll
{
    public const uint In = 0x1;
    public const uint Urgent = 0x2;
    public const uint Out = 0x4;
    public const uint Error = 0x8;
    public const uint HangUp = 0x10;
    public const uint ReadHangUp = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;

    /// <summary>Bytes from one epoll_event to the next: packed on x64 only.</summary>
    public static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    /// <summary>Offset of the caller's word in an epoll_event; the event bits are at offset 0.</summary>
    public static readonly int EventDataOffset = EventSize - sizeof(ulong);

    public static int Create() => LibC.ResultOrError(LibC.EpollCreate(CloseOnExec));

    public static int Add(int epoll, int descriptor, uint events, ulong data) => Control(epoll, 1, descriptor, events, data);

    public static int Change(int epoll, int descriptor, uint events, ulong data) => Control(epoll, 3, descriptor, events, data);

    /// <summary>Ends the reports. A close alone does not while another process has a copy of the descriptor.</summary>
    public static int Remove(int epoll, int descriptor) => Control(epoll, 2, descriptor, 0, 0);

    public static int CreateEvent() => LibC.ResultOrError(LibC.EventDescriptor(0, CloseOnExec | NonBlocking));

    /// <summary>Makes an eventfd readable. It is never read: with edge triggering each write is a new event. Negative after an error.</summary>
    public static int WriteEvent(int descriptor)
    {
        ulong one = 1;
        int result;
        do
        {
            result = LibC.ResultOrError(LibC.Write(descriptor, &one, sizeof(ulong)));
        }
        while (result == -LinuxError.Interrupted);

        return result;
    }

    private static int Control(int epoll, int operation, int descriptor, uint events, ulong data)
    {
        byte* record = stackalloc byte[16];
        *(uint*)record = events;
        *(ulong*)(record + EventDataOffset) = data;
        return LibC.ResultOrError(LibC.EpollControl(epoll, operation, descriptor, record));
    }
}
