using System.Runtime.InteropServices;

namespace FastGate.Transport.Linux;

/// <summary>The events of one wait. Owned by an event loop.</summary>
internal sealed unsafe class EpollEvents : IDisposable
{
    /// <summary>Events of one wait; more are returned by the next.</summary>
    public const int Capacity = 512;

    private byte* _records = (byte*)NativeMemory.Alloc((nuint)(Capacity * LinuxEpoll.EventSize));

    public int Wait(int epoll, int timeoutMs) => LinuxEpoll.Wait(epoll, _records, Capacity, timeoutMs);

    public int WaitPrecise(int epoll, long nanoseconds) => LinuxEpoll.WaitPrecise(epoll, _records, Capacity, nanoseconds);

    public uint Events(int index) => *(uint*)(_records + (index * LinuxEpoll.EventSize));

    public ulong Data(int index) => *(ulong*)(_records + (index * LinuxEpoll.EventSize) + LinuxEpoll.EventDataOffset);

    public void Dispose()
    {
        NativeMemory.Free(_records);
        _records = null;
    }
}
