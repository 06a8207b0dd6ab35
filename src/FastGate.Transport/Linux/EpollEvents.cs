using System.Runtime.InteropServices;

namespace FastGate.Transport.Linux;

/// <summary>The kernel's answer to one wait. Owned by a loop.</summary>
internal sealed unsafe class EpollEvents : IDisposable
{
    /// <summary>Taken in one wait; the rest come with the next.</summary>
    public const int Capacity = 512;

    private byte* _records = (byte*)NativeMemory.Alloc((nuint)(Capacity * LinuxSocket.s_eventSize));

    public int Wait(int epoll, int timeoutMs) => LinuxSocket.Wait(epoll, _records, Capacity, timeoutMs);

    public uint Events(int index) => *(uint*)(_records + (index * LinuxSocket.s_eventSize));

    public ulong Data(int index) => *(ulong*)(_records + (index * LinuxSocket.s_eventSize) + LinuxSocket.s_eventDataOffset);

    public void Dispose()
    {
        NativeMemory.Free(_records);
        _records = null;
    }
}
