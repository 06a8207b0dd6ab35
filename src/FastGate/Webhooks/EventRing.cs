using System.Numerics;
using System.Runtime.InteropServices;

namespace FastGate.Webhooks;

/// <summary>
/// A bounded queue of events that any thread may add to and take from. Adding never waits: at the bound the oldest event is dropped and counted.
/// </summary>
/// <remarks>
/// Vyukov's bounded queue: a slot's sequence is its position while it is free and its position plus one while it has an event. A thread that has
/// claimed a position by compare-and-swap owns the slot until it stores the next sequence, which publishes what it wrote (release, acquire). A thread
/// that is interrupted between the two lets others find a slot that is neither free nor filled: adding gives up after some attempts and drops the new
/// event. Budget: no allocation per call (EventRingTests).
/// </remarks>
internal sealed class EventRing
{
    private const int Attempts = 8;

    private readonly Slot[] _slots;
    private readonly int _mask;
    private PaddedPositions _positions;
    private long _dropped;

    /// <param name="capacity">Rounded up to a power of two.</param>
    public EventRing(int capacity)
    {
        _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _mask = _slots.Length - 1;
        for (int i = 0; i < _slots.Length; i++)
        {
            _slots[i].Sequence = i;
        }
    }

    /// <summary>Events that did not fit.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Only a snapshot.</summary>
    public int Count => (int)Math.Max(0, Volatile.Read(ref _positions.Added) - Volatile.Read(ref _positions.Taken));

    public void Add(in WebhookEvent happened)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if (TryAdd(happened))
            {
                return;
            }

            if (TryTake(out _, out _))
            {
                Interlocked.Increment(ref _dropped);
            }
        }

        Interlocked.Increment(ref _dropped);
    }

    /// <param name="happened">The oldest event.</param>
    /// <param name="number">Its number: every event that was added has the next one, so that a receiver sees which are missing.</param>
    public bool TryTake(out WebhookEvent happened, out long number)
    {
        while (true)
        {
            long position = Volatile.Read(ref _positions.Taken);
            ref Slot slot = ref _slots[(int)position & _mask];
            long difference = Volatile.Read(ref slot.Sequence) - (position + 1);
            if (difference < 0)
            {
                happened = default;
                number = 0;
                return false;
            }

            if (difference == 0 && Interlocked.CompareExchange(ref _positions.Taken, position + 1, position) == position)
            {
                happened = slot.Event;
                number = position + 1;
                slot.Event = default;
                Volatile.Write(ref slot.Sequence, position + _slots.Length);
                return true;
            }
        }
    }

    private bool TryAdd(in WebhookEvent happened)
    {
        while (true)
        {
            long position = Volatile.Read(ref _positions.Added);
            ref Slot slot = ref _slots[(int)position & _mask];
            long difference = Volatile.Read(ref slot.Sequence) - position;
            if (difference < 0)
            {
                return false;
            }

            if (difference == 0 && Interlocked.CompareExchange(ref _positions.Added, position + 1, position) == position)
            {
                slot.Event = happened;
                Volatile.Write(ref slot.Sequence, position + 1);
                return true;
            }
        }
    }

    private struct Slot
    {
        public long Sequence;
        public WebhookEvent Event;
    }

    /// <summary>On separate cache lines: event loops add while a sender takes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct PaddedPositions
    {
        [FieldOffset(0)]
        public long Added;

        [FieldOffset(128)]
        public long Taken;
    }
}
