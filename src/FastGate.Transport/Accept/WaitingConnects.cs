using FastGate.Transport.Linux;

namespace FastGate.Transport.Accept;

/// <summary>
/// Accepted sockets that wait for their turn during a storm of connects. The newest is served first, because its client still waits; the oldest is closed
/// first, when it has waited longer than a client does. When it is full, connects wait in the kernel. Owned by its listener's loop.
/// </summary>
internal sealed unsafe class WaitingConnects
{
    public const int Capacity = 1_024;

    // Allocated by the first storm.
    private Waiting[]? _ring;
    private int _oldest;

    public int Count { get; private set; }

    public bool HasRoom => Count < Capacity;

    public void Push(int descriptor, ReadOnlySpan<byte> address, long nowMs)
    {
        _ring ??= new Waiting[Capacity];
        ref Waiting place = ref _ring[(_oldest + Count) % Capacity];
        place.Descriptor = descriptor;
        place.SinceMs = nowMs;
        fixed (byte* target = place.Address)
        {
            address.CopyTo(new Span<byte>(target, LinuxSocket.AddressSize));
        }

        Count++;
    }

    /// <summary>Takes the newest socket and copies its address.</summary>
    public int PopNewest(Span<byte> address)
    {
        Count--;
        ref Waiting place = ref _ring![(_oldest + Count) % Capacity];
        fixed (byte* source = place.Address)
        {
            new ReadOnlySpan<byte>(source, LinuxSocket.AddressSize).CopyTo(address);
        }

        return place.Descriptor;
    }

    /// <summary>Takes the oldest socket when it has waited too long; else -1.</summary>
    public int PopExpired(long nowMs, int longestWaitMs)
    {
        if (Count == 0 || nowMs - _ring![_oldest].SinceMs <= longestWaitMs)
        {
            return -1;
        }

        int descriptor = _ring[_oldest].Descriptor;
        _oldest = (_oldest + 1) % Capacity;
        Count--;
        return descriptor;
    }

    private struct Waiting
    {
        public int Descriptor;
        public long SinceMs;
        public fixed byte Address[LinuxSocket.AddressSize];
    }
}
