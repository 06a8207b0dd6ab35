using System.Reflection;
using System.Runtime.InteropServices;

namespace FastGate.Transport.Linux;

/// <summary>
/// The functions of the C library, with blittable parameters only. No import suppresses the GC transition: each call may take
/// microseconds, and a collection would have to wait for it.
/// </summary>
internal static unsafe partial class LibC
{
    /// <summary>
    /// Resolves every import. When descriptors have run out, the runtime can no longer load the library. Throws when a function is missing.
    /// </summary>
    public static void Prelink()
    {
        foreach (MethodInfo method in typeof(LibC).GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static))
        {
            if ((method.Attributes & MethodAttributes.PinvokeImpl) != 0)
            {
                Marshal.Prelink(method);
            }
        }
    }

    /// <summary>The result, or the negated errno of a call that has just failed.</summary>
    public static int ResultOrError(nint result) => result >= 0 ? (int)result : -Marshal.GetLastSystemError();

    [LibraryImport("libc", EntryPoint = "socket")]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind")]
    public static partial int Bind(int descriptor, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "listen")]
    public static partial int Listen(int descriptor, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4")]
    public static partial int Accept(int descriptor, byte* address, uint* length, int flags);

    [LibraryImport("libc", EntryPoint = "getsockname")]
    public static partial int GetSocketName(int descriptor, byte* address, uint* length);

    [LibraryImport("libc", EntryPoint = "getpeername")]
    public static partial int GetPeerName(int descriptor, byte* address, uint* length);

    [LibraryImport("libc", EntryPoint = "getsockopt")]
    public static partial int GetSocketOption(int descriptor, int level, int name, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    public static partial int FileControl(int descriptor, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "recv")]
    public static partial nint Receive(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send")]
    public static partial nint Send(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg")]
    public static partial nint SendMessage(int descriptor, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    public static partial int Shutdown(int descriptor, int how);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    public static partial int SetSocketOption(int descriptor, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "epoll_create1")]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl")]
    public static partial int EpollControl(int epoll, int operation, int descriptor, byte* record);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    public static partial int EpollWait(int epoll, byte* events, int capacity, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "eventfd")]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    public static partial nint Write(int descriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    public static partial int GetResourceLimit(int resource, nuint* softAndHard);

    /// <summary>struct sock_fprog</summary>
    internal struct FilterProgram
    {
        public ushort Count;
        public ulong* Instructions;
    }

    /// <summary>struct msghdr</summary>
    internal struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public LinuxSocket.IoVector* Pieces;
        public nuint PieceCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
