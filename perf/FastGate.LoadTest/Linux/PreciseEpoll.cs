using System.Runtime.InteropServices;
using FastGate.Transport.Linux;

namespace FastGate.LoadTest.Linux;

/// <summary>
/// An epoll that waits to the nanosecond where Linux can (5.11 with glibc 2.35), else to the millisecond. The call is declared here
/// and not in <see cref="LinuxSocket"/>, because the server must start on systems without it.
/// </summary>
internal sealed unsafe partial class PreciseEpoll : IDisposable
{
    private const int InterruptedError = -4;
    private const int NotImplementedError = -38;

    private static bool s_precise = true;

    private readonly EpollEvents _events = new();
    private readonly int _epoll = LinuxError.ThrowIfError(LinuxSocket.CreateEpoll(), "epoll_create1");

    public void Add(int descriptor, uint events, ulong data) =>
        LinuxError.ThrowIfError(LinuxSocket.AddToEpoll(_epoll, descriptor, events, data), "epoll_ctl");

    public int Wait(long nanoseconds)
    {
        int count = s_precise ? WaitPrecisely(nanoseconds) : NotImplementedError;
        if (count == NotImplementedError)
        {
            s_precise = false;
            count = _events.Wait(_epoll, (int)(nanoseconds / 1_000_000));
        }

        return LinuxError.ThrowIfError(count, "epoll_wait");
    }

    public uint Events(int index) => _events.Events(index);

    public ulong Data(int index) => _events.Data(index);

    public void Dispose()
    {
        _ = LinuxSocket.Close(_epoll);
        _events.Dispose();
    }

    private int WaitPrecisely(long nanoseconds)
    {
        try
        {
            long* timeout = stackalloc long[2] { nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000 };
            int count = PreciseWaitNative(_epoll, _events.Records, EpollEvents.Capacity, timeout, null);
            int result = count >= 0 ? count : -Marshal.GetLastSystemError();
            return result == InterruptedError ? 0 : result;
        }
        catch (EntryPointNotFoundException)
        {
            return NotImplementedError;
        }
    }

    [LibraryImport("libc", EntryPoint = "epoll_pwait2")]
    private static partial int PreciseWaitNative(int epoll, byte* events, int capacity, long* timeout, void* signals);
}
