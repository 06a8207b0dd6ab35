using System.Runtime.InteropServices;
using FastGate.Transport.Linux;

namespace FastGate.LoadTest.Linux;

/// <summary>An epoll that waits with nanosecond precision where Linux can, else with milliseconds.</summary>
internal sealed unsafe partial class PreciseEpoll : IDisposable
{
    private const int NotImplemented = 38;

    private static bool s_hasPreciseWait = true;

    private readonly EpollEvents _events = new();
    private readonly int _epoll = LinuxError.ThrowIfError(LinuxEpoll.Create(), "epoll_create1");

    public void Add(int descriptor, uint events, ulong data) =>
        LinuxError.ThrowIfError(LinuxEpoll.Add(_epoll, descriptor, events, data), "epoll_ctl");

    public int Wait(long nanoseconds)
    {
        int result = -NotImplemented;
        if (s_hasPreciseWait)
        {
            result = TryWait(nanoseconds);
            s_hasPreciseWait = result != -NotImplemented;
        }

        result = result == -NotImplemented ? _events.Wait(_epoll, (int)(nanoseconds / 1_000_000)) : result;
        return result == -LinuxError.Interrupted ? 0 : LinuxError.ThrowIfError(result, "epoll_wait");
    }

    public uint Events(int index) => _events.Events(index);

    public ulong Data(int index) => _events.Data(index);

    public void Dispose()
    {
        _ = LinuxSocket.Close(_epoll);
        _events.Dispose();
    }

    private int TryWait(long nanoseconds)
    {
        try
        {
            long* timeout = stackalloc long[2] { nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000 };
            return LibC.ResultOrError(EpollPreciseWait(_epoll, _events.Records, EpollEvents.Capacity, timeout, null));
        }
        catch (EntryPointNotFoundException)
        {
            // The C library is older than the kernel function.
            return -NotImplemented;
        }
    }

    /// <summary>Linux 5.11 and glibc 2.35.</summary>
    [LibraryImport("libc", EntryPoint = "epoll_pwait2")]
    private static partial int EpollPreciseWait(int epoll, byte* events, int capacity, long* timeout, void* signals);
}
