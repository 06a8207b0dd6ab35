using System.Runtime.InteropServices;

namespace FastGate.Transport.Linux;

/// <summary>Functions and structures for passing descriptors between processes.</summary>
internal static unsafe partial class LibC
{
    [LibraryImport("libc", EntryPoint = "recvmsg")]
    public static partial nint ReceiveMessage(int descriptor, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "socketpair")]
    public static partial int SocketPair(int family, int type, int protocol, int* descriptors);

    [LibraryImport("libc", EntryPoint = "poll")]
    public static partial int Poll(PollRecord* records, nuint count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "memfd_create")]
    public static partial int CreateMemoryFile(byte* name, uint flags);

    /// <summary>struct pollfd</summary>
    internal struct PollRecord
    {
        public int Descriptor;
        public short Events;
        public short Happened;
    }
}
