using System.Runtime.InteropServices;

namespace FastGate.Transport.Linux;

/// <summary>The events of one wait. Owned by an event loop.</summary>
internal sealed unsafe class EpollEvents : IDisposable
{
    /// <summary>Events of one wait; more are returned by the next.</summary>
    public const int Capacity = 512;

    private byte* _records = (byte*)NativeMemory.Alloc((nuint)(Capacity * LinuxEpoll.EventSize));

    public byte* Records => _records;

    /// <summary>A wait that a signal interrupts returns 0 events, because the caller must compute its timeout anew.</summary>
    public int Wait(int epoll, int timeoutMs)
    {
        int result = LibC.ResultOrError(LibC.EpollWait(epoll, _records, Capacity, timeoutMs));
        return result == -LinuxError.Interrupted ? 0 : result;
    }

    public uint Events(int index) => *(uint*)(_records + (index * LinuxEpoll.EventSize));

    public ulong Data(int index) => *(ulong*)(_records + (index * LinuxEpoll.EventSize) + LinuxEpoll.EventDataOffset);

    public void Dispose()
    {
        NativeMemory.Free(_records);
        _records = null;
    }
}
