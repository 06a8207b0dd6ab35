using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Unicode;
using FastGate.Transport.Concurrency;

namespace FastGate.Registry;

/// <summary>
/// Maps a device id to its live connection. Every member may be called from any thread and is lock-free, also while the table grows or
/// shrinks. A lookup allocates nothing; enforced by ConnectionRegistryTests.
/// </summary>
/// <remarks>
/// Linearizability, for one device id (ids are independent of each other except for the capacity):
/// - A change takes effect at the one successful swap of its bucket's head. The chain it was computed from is immutable and was
///   the whole bucket until that swap, so "there was none", "this one was replaced" and "mine was registered" are true at that instant.
///   Each replacement removes exactly one predecessor, so each replaced connection is reported exactly once.
/// - A lookup takes effect when it reads the head: a live head is the whole bucket at that instant. If it reads null (the table is being
///   resized), it reads the previous table's slot. Not frozen: the move has not begun, so that read decides. Frozen: it reads the
///   new slot again, and if that is still null, nothing can have changed since the freezing, so that second read decides.
///   If it reads a frozen head, a newer table has been published, and it starts over there.
/// - A refusal, which changes nothing, takes effect when the head was read.
///
/// Progress: a failed swap means that another change or a move of that bucket succeeded. A lookup starts over only when a
/// new table has been published meanwhile.
///
/// Capacity is a count of places: one is taken before an entry is added and released after it is removed, so there are never more entries
/// than places. A registration may find the registry full while another holds the last place and then replaces an entry instead, or
/// while a removal has not yet released its place.
/// </remarks>
internal sealed class ConnectionRegistry<T>
    where T : class, IRegisteredConnection
{
    private const int MaxUtf8OnStack = 256;

    // The thread that creates a table this small fills it at once: that takes microseconds.
    private const int SettleAtOnce = 1024;

    private readonly RegistryHash _hash = RegistryHash.CreateRandom();
    private readonly bool _replace;
    private RegistryTable _table = new(RegistryTable.MinLength, previous: null);

    // Every change writes it and no lookup reads it. On a cache line with the fields above it would cost each lookup a cache miss.
    private PaddedCount _places;

    /// <param name="capacity">Maximum number of connections.</param>
    /// <param name="replace">A new connection replaces an older one of its device; otherwise it is rejected.</param>
    public ConnectionRegistry(int capacity, bool replace)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        Capacity = capacity;
        _replace = replace;
    }

    public int Capacity { get; }

    /// <summary>Connections that are registered or about to be.</summary>
    public int Count => (int)Volatile.Read(ref _places.Value);

    /// <summary>Slots of the newest table; for tests of growing and shrinking.</summary>
    internal int SlotCount => Volatile.Read(ref _table).Length;

    /// <summary>Registers the connection under its device id. Registering it again while it is registered changes nothing.</summary>
    /// <param name="connection">The new connection; its owner must remove it later.</param>
    /// <param name="displaced">The replaced connection, which the caller must end; only with Replaced.</param>
    /// <param name="mayReplace">Whether this other connection of the device may be replaced; otherwise the new one is rejected.</param>
    public RegistrationResult Register(T connection, out T? displaced, Predicate<T>? mayReplace = null)
    {
        string id = connection.DeviceId;
        int hash = _hash.Compute(id);
        bool placed = false;
        displaced = null;
        while (true)
        {
            RegistryTable table = Volatile.Read(ref _table);
            RegistryNode head = table.Read(hash);
            if (head.IsFrozen)
            {
                continue;
            }

            if (RegistryNode.Find(head, hash, id) is { } older)
            {
                bool same = ReferenceEquals(older.Value, connection);
                if (!same && _replace && (mayReplace is null || mayReplace(Unsafe.As<T>(older.Value))))
                {
                    if (!table.TrySwap(hash, head, new RegistryNode(hash, id, connection, RegistryNode.Without(head, older))))
                    {
                        continue;
                    }

                    displaced = Unsafe.As<T>(older.Value);
                }

                if (placed)
                {
                    ReleasePlace();
                }

                return same ? RegistrationResult.Added
                    : displaced is null ? RegistrationResult.Rejected
                    : RegistrationResult.Replaced;
            }

            if (!placed && !(placed = TryTakePlace()))
            {
                // The last place may have gone to this id; then its connection is replaced instead.
                if (table.Peek(hash) == head)
                {
                    return RegistrationResult.Full;
                }

                continue;
            }

            if (table.TrySwap(hash, head, new RegistryNode(hash, id, connection, head.IsEntry ? head : null)))
            {
                Fit(table);
                return RegistrationResult.Added;
            }
        }
    }

    /// <summary>Removes this connection; a newer one of the same device stays.</summary>
    /// <returns>Whether it was registered: true for exactly one of several concurrent calls.</returns>
    public bool Remove(T connection)
    {
        string id = connection.DeviceId;
        int hash = _hash.Compute(id);
        while (true)
        {
            RegistryTable table = Volatile.Read(ref _table);
            RegistryNode head = table.Read(hash);
            if (head.IsFrozen)
            {
                continue;
            }

            if (RegistryNode.Find(head, hash, id) is not { } found || !ReferenceEquals(found.Value, connection))
            {
                return false;
            }

            if (table.TrySwap(hash, head, RegistryNode.Without(head, found)))
            {
                ReleasePlace();
                Fit(table);
                return true;
            }
        }
    }

    /// <summary>The connection of a normalised device id, or null.</summary>
    public T? Find(ReadOnlySpan<char> deviceId)
    {
        int hash = _hash.Compute(deviceId);
        RegistryNode? head = Volatile.Read(ref _table).Peek(hash);
        if (RegistryNode.Find(head, hash, deviceId) is { } found)
        {
            return Unsafe.As<T>(found.Value);
        }

        return head is null || head.IsFrozen ? FindWhileMoving(hash, deviceId) : null;
    }

    /// <summary>The connection of a normalised device id in UTF-8, or null.</summary>
    [SkipLocalsInit]
    public T? Find(ReadOnlySpan<byte> utf8DeviceId)
    {
        // The gateway never registers an id that is too long for the stack.
        Span<char> chars = utf8DeviceId.Length <= MaxUtf8OnStack ? stackalloc char[MaxUtf8OnStack] : new char[utf8DeviceId.Length];
        return Utf8.ToUtf16(utf8DeviceId, chars, out _, out int written, replaceInvalidSequences: false) == OperationStatus.Done
            ? Find(chars[..written])
            : null;
    }

    /// <summary>
    /// Enumerates the connections without blocking writers. A connection that is registered throughout is returned exactly once; one
    /// that is added or removed meanwhile may or may not be returned.
    /// </summary>
    public RegistryEnumerator<T> GetEnumerator() => new(this, Volatile.Read(ref _table));

    private T? FindWhileMoving(int hash, ReadOnlySpan<char> deviceId)
    {
        while (true)
        {
            RegistryTable table = Volatile.Read(ref _table);
            RegistryNode? head = table.Peek(hash);
            if (head is null)
            {
                if (table.Previous is not { } previous)
                {
                    continue;
                }

                head = previous.Peek(hash);
                if (head is FrozenRegistryNode frozen)
                {
                    if (table.Peek(hash) is not null)
                    {
                        continue;
                    }

                    head = frozen.Chain;
                }
            }
            else if (head.IsFrozen)
            {
                continue;
            }

            return Unsafe.As<T?>(RegistryNode.Find(head, hash, deviceId)?.Value);
        }
    }

    private bool TryTakePlace()
    {
        long count = Volatile.Read(ref _places.Value);
        while (count < Capacity)
        {
            long seen = Interlocked.CompareExchange(ref _places.Value, count + 1, count);
            if (seen == count)
            {
                return true;
            }

            count = seen;
        }

        return false;
    }

    // After either step there is half an entry per slot: the count must double, or fall to a quarter, before the next step, so that a
    // fleet of nearly constant size does not resize back and forth.
    private static int WantedLength(int count, int length) =>
        count > length ? length * 2
        : length > RegistryTable.MinLength && count < length / 8 ? Math.Max(length / 4, RegistryTable.MinLength)
        : length;

    private void ReleasePlace() => Interlocked.Decrement(ref _places.Value);

    // After each change: help to fill a new table, and create one when the size no longer fits.
    private void Fit(RegistryTable table)
    {
        table.Help();
        int length = WantedLength(Count, table.Length);
        if (length == table.Length || Volatile.Read(ref _table) != table)
        {
            return;
        }

        if (table.Previous is not null)
        {
            if (length < table.Length)
            {
                return;
            }

            // Too small again before it was filled: a helper was preempted with slots claimed.
            table.Settle();
        }

        var next = new RegistryTable(length, table);
        if (Interlocked.CompareExchange(ref _table, next, table) == table && length <= SettleAtOnce)
        {
            next.Settle();
        }
    }
}
