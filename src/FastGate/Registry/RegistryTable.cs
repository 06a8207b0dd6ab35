using System.Numerics;

namespace FastGate.Registry;

/// <summary>
/// The buckets at one size of the registry. A table that replaces another is filled bucket by bucket, by any thread that needs a bucket
/// and by writers that help; no thread waits for another.
/// </summary>
/// <remarks>
/// A slot changes in one direction only: null (entries still in the previous table) - chain or Empty (live; changed by compare-and-swap) -
/// frozen (entries move to the next table; final). At every instant the entries of one hash are in exactly one place:
/// the newest table's slot if it is not null, otherwise the previous table's slot, frozen or not.
///
/// To fill slot i: freeze the slots of the previous table that feed it, so that their content can no longer change; select
/// the entries that belong to i; replace null by them. All helpers compute the same set from frozen input and only the first swap
/// succeeds, so it does not matter how many threads try, or where one of them stops.
///
/// A table gets a successor only after all of its own slots are filled, so at most two tables hold entries.
/// </remarks>
internal sealed class RegistryTable
{
    public const int MinLength = 64;

    // Slots that one writer fills: about ten microseconds. Few enough not to delay the event loop that registers a device,
    // enough that a fleet of 100,000 finishes the move within a few hundred changes.
    private const int HelpAtOnce = 256;

    private readonly Slot[] _slots;
    private RegistryTable? _previous;
    private int _claimed;
    private int _filled;

    public RegistryTable(int length, RegistryTable? previous)
    {
        if (!BitOperations.IsPow2(length))
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, "The number of slots must be a power of two.");
        }

        _slots = new Slot[length];
        _previous = previous;
        if (previous is null)
        {
            Array.Fill(_slots, new Slot { Head = RegistryNode.Empty });
        }
    }

    public int Length => _slots.Length;

    /// <summary>The table from which not all entries have moved here yet, or null.</summary>
    public RegistryTable? Previous => Volatile.Read(ref _previous);

    /// <summary>The current head, which may be null or a marker.</summary>
    public RegistryNode? Peek(int hash) => Volatile.Read(ref _slots[hash & (_slots.Length - 1)].Head);

    /// <summary>The head, after filling the slot if necessary: an entry, Empty, or frozen.</summary>
    public RegistryNode Read(int hash)
    {
        int index = hash & (_slots.Length - 1);
        return Volatile.Read(ref _slots[index].Head) ?? Fill(index);
    }

    /// <summary>Swaps the bucket's chain if it is still <paramref name="expected"/>, which must not be null or frozen.</summary>
    public bool TrySwap(int hash, RegistryNode expected, RegistryNode? chain) =>
        Interlocked.CompareExchange(ref _slots[hash & (_slots.Length - 1)].Head, chain ?? RegistryNode.Empty, expected) == expected;

    /// <summary>Fills some slots of a table that is still being filled.</summary>
    public void Help()
    {
        if (Previous is null || Volatile.Read(ref _claimed) >= _slots.Length)
        {
            return;
        }

        int share = Math.Min(HelpAtOnce, _slots.Length);
        int start = Interlocked.Add(ref _claimed, share) - share;
        if (start >= _slots.Length)
        {
            return;
        }

        for (int i = start; i < start + share; i++)
        {
            FillIfNull(i);
        }

        if (Interlocked.Add(ref _filled, share) == _slots.Length)
        {
            Volatile.Write(ref _previous, null);
        }
    }

    /// <summary>Fills every slot, also those that a preempted helper has claimed.</summary>
    public void Settle()
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            FillIfNull(i);
        }

        Volatile.Write(ref _previous, null);
    }

    private void FillIfNull(int index)
    {
        if (Volatile.Read(ref _slots[index].Head) is null)
        {
            Fill(index);
        }
    }

    private RegistryNode Fill(int index)
    {
        ref RegistryNode? head = ref _slots[index].Head;
        // All slots are filled before the previous table is dropped: if it is gone, the read below finds the head.
        if (Previous is { } previous)
        {
            RegistryNode? chain = previous.Length <= Length
                ? Select(previous.Freeze(index & (previous.Length - 1)), Length - 1, index)
                : Merge(previous, index);
            Interlocked.CompareExchange(ref head, chain ?? RegistryNode.Empty, null);
        }

        return Volatile.Read(ref head)!;
    }

    private RegistryNode? Merge(RegistryTable previous, int index)
    {
        RegistryNode? merged = previous.Freeze(index);
        for (int from = index + Length; from < previous.Length; from += Length)
        {
            for (RegistryNode? node = previous.Freeze(from); node is not null; node = node.Next)
            {
                merged = node.Before(merged);
            }
        }

        return merged;
    }

    // All slots of a table that has a successor are filled, so none is null.
    private RegistryNode? Freeze(int index)
    {
        ref RegistryNode? slot = ref _slots[index].Head;
        RegistryNode head = Volatile.Read(ref slot)!;
        while (!head.IsFrozen)
        {
            FrozenRegistryNode frozen = head.IsEntry ? new FrozenRegistryNode(head) : FrozenRegistryNode.WithoutEntries;
            RegistryNode seen = Interlocked.CompareExchange(ref slot, frozen, head)!;
            head = seen == head ? frozen : seen;
        }

        return ((FrozenRegistryNode)head).Chain;
    }

    // The entries that go to one slot of a longer table. The end of the chain is shared when all of it goes there.
    private static RegistryNode? Select(RegistryNode? chain, int mask, int index)
    {
        RegistryNode? shared = null;
        for (RegistryNode? node = chain; node is not null; node = node.Next)
        {
            shared = (node.Hash & mask) == index ? shared ?? node : null;
        }

        RegistryNode? selected = shared;
        for (RegistryNode? node = chain; node != shared; node = node!.Next)
        {
            if ((node!.Hash & mask) == index)
            {
                selected = node.Before(selected);
            }
        }

        return selected;
    }

    // A struct, because access by reference to an element of an array of references checks its type every time.
    private struct Slot
    {
        public RegistryNode? Head;
    }
}
