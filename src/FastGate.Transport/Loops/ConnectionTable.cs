using System.Numerics;

namespace FastGate.Transport.Loops;

/// <summary>
/// The connections of a loop by slot. epoll carries slot and generation, so that an event for a closed connection finds none instead of the
/// next owner of the slot. Owned by the loop.
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

    /// <summary>Assigns a slot and a generation.</summary>
    public void Add(LoopConnection connection)
    {
        int slot = TakeSlot();
        _slots[slot] = connection;
        Count++;
        connection.Slot = slot;
        if (++_generation == 0)
        {
            // Generation 0 is for the loop's own events.
            _generation = 1;
        }

        connection.Generation = _generation;
    }

    /// <summary>Slot and generation, as in the events of the connection.</summary>
    public static ulong DataOf(LoopConnection connection) => (uint)connection.Slot | ((ulong)connection.Generation << 32);

    /// <summary>The connection of the event; null when it has been removed.</summary>
    public LoopConnection? Find(ulong data)
    {
        LoopConnection? connection = InSlot(data);
        return connection is not null && connection.Generation == (uint)(data >> 32) ? connection : null;
    }

    /// <summary>The connection in the event's slot, which may be the slot's next owner. Reads nothing of the connection itself.</summary>
    public LoopConnection? InSlot(ulong data)
    {
        uint slot = (uint)data;
        LoopConnection?[] slots = _slots;
        return slot < (uint)slots.Length ? slots[slot] : null;
    }

    /// <summary>Does nothing for a connection that is not in the table.</summary>
    public void Remove(LoopConnection? connection)
    {
        if (connection?.Slot is not int slot || !ReferenceEquals(_slots[slot], connection))
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
            // Stale: beyond the end, or taken again when the end moved over it.
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

    /// <summary>Releases the empty end of the table; slots in use never move.</summary>
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
