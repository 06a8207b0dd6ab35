namespace FastGate.LoadTest.Load;

/// <summary>The scheduled instants of unanswered messages, oldest first. Bounded: with more of them the server has stopped to answer.</summary>
internal struct InstantQueue
{
    public const int Capacity = 512;

    private long[]? _instants;
    private int _head;

    public int Count { get; private set; }

    public bool TryAdd(long instant)
    {
        if (_instants is null || Count == _instants.Length)
        {
            if (Count == Capacity)
            {
                return false;
            }

            Grow();
        }

        _instants![(_head + Count++) & (_instants.Length - 1)] = instant;
        return true;
    }

    public bool TryTake(out long instant)
    {
        if (Count == 0)
        {
            instant = 0;
            return false;
        }

        instant = _instants![_head];
        _head = (_head + 1) & (_instants.Length - 1);
        Count--;
        return true;
    }

    public int Clear()
    {
        int count = Count;
        Count = 0;
        return count;
    }

    private void Grow()
    {
        long[] bigger = new long[_instants is null ? 4 : 2 * _instants.Length];
        for (int i = 0; i < Count; i++)
        {
            bigger[i] = _instants![(_head + i) & (_instants.Length - 1)];
        }

        _instants = bigger;
        _head = 0;
    }
}
