using System.Numerics;

namespace FastGate.Transport.Loops;

/// <summary>
/// The connections of a loop by slot. What epoll carries is slot and generation, so that an event for a connection that has
/// gone finds nobody, not its successor. Owned by the loop.
/// </summary>
internal sealed class ConnectionTable
{
    private const int SmallestSize = 64;

    private readonly Stack<int> _free = new();
    private LoopConnection?[] _slots = new LoopConnection?[SmallestSize];
    private uint _generation;
    private int _used;

    public int Count { get; private set; }

    public int Capacity => _slots.Length;

    /// <summary>Gives the connection a slot, and its first generation.</summary>
    public void Add(LoopConnection connection)
    {
        int slot = TakeSlot();
        _slots[slot] = connection;
        Count++;
        connection.Slot = slot;
        if (++_generation == 0)
        {
            // What epoll carries for the loop itself has generation 0.
            _generation = 1;
        }

        connection.Generation = _generation;
    }

    /// <summary>The connection the event is for; null when it has gone.</summary>
    public LoopConnection? Find(ulong data)
    {
        uint slot = (uint)data;
        LoopConnection?[] slots = _slots;
        LoopConnection? connection = slot < (uint)slots.Length ? slots[slot] : null;
        return connection is not null && connection.Generation == (uint)(data >> 32) ? connection : null;
    }

    public void Remove(LoopConnection connection)
    {
        int slot = connection.Slot;
        if (!ReferenceEquals(_slots[slot], connection))
        {
            return;
        }

        _slots[slot] = null;
        Count--;
        if (slot == _used - 1)
        {
            Shrink();
        }
        else
        {
            _free.Push(slot);
        }
    }

    public void CopyTo(List<LoopConnection> target)
    {
        foreach (LoopConnection? connection in _slots.AsSpan(0, _used))
        {
            if (connection is not null)
            {
                target.Add(connection);
            }
        }
    }

    private int TakeSlot()
    {
        while (_free.TryPop(out int slot))
        {
            // What lies beyond the end, or was given out again when the end moved over it, is no longer free.
            if (slot < _used && _slots[slot] is null)
            {
                return slot;
            }
        }

        if (_used == _slots.Length)
        {
            Array.Resize(ref _slots, _slots.Length * 2);
        }

        return _used++;
    }

    /// <summary>Lets go of the empty end; slots in use never move.</summary>
    private void Shrink()
    {
        while (_used > 0 && _slots[_used - 1] is null)
        {
            _used--;
        }

        if (_slots.Length <= SmallestSize || _used > _slots.Length / 4)
        {
            return;
        }

        Array.Resize(ref _slots, Math.Max(SmallestSize, (int)BitOperations.RoundUpToPowerOf2((uint)_used * 2)));
        _free.Clear();
        for (int slot = _used - 1; slot >= 0; slot--)
        {
            if (_slots[slot] is null)
            {
                _free.Push(slot);
            }
        }

        _free.TrimExcess();
    }
}
