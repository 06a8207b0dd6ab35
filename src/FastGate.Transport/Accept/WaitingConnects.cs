namespace FastGate.Transport.Accept;

/// <summary>
/// Accepted sockets that wait for their turn during a storm of connects. The newest is served first, because its client still waits; the oldest is closed
/// first, when it has waited longer than a client does. When it is full, connects wait in the kernel. Owned by its listener.
/// </summary>
/// <typeparam name="TConnect">An accepted socket.</typeparam>
internal sealed class WaitingConnects<TConnect>
{
    public const int Capacity = 1_024;

    // Allocated by the first storm.
    private (TConnect Connect, long SinceMs)[]? _ring;
    private int _oldest;

    public int Count { get; private set; }

    public bool HasRoom => Count < Capacity;

    public void Push(in TConnect connect, long nowMs)
    {
        _ring ??= new (TConnect, long)[Capacity];
        _ring[(_oldest + Count) % Capacity] = (connect, nowMs);
        Count++;
    }

    /// <summary>Takes the newest socket. There must be one.</summary>
    public TConnect PopNewest()
    {
        Count--;
        return Take((_oldest + Count) % Capacity);
    }

    /// <summary>Takes the oldest socket when it has waited too long.</summary>
    public bool TryPopExpired(long nowMs, int longestWaitMs, out TConnect? connect)
    {
        if (Count == 0 || nowMs - _ring![_oldest].SinceMs <= longestWaitMs)
        {
            connect = default;
            return false;
        }

        connect = Take(_oldest);
        _oldest = (_oldest + 1) % Capacity;
        Count--;
        return true;
    }

    private TConnect Take(int index)
    {
        TConnect connect = _ring![index].Connect;
        _ring[index] = default;
        return connect;
    }
}
