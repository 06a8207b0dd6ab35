using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using FastGate.Configuration.Options;
using FastGate.Transport.Concurrency;

namespace FastGate.Registry;

/// <summary>
/// Device id to live connection. Every member may be called from any thread, takes no lock and waits for nobody, growing and
/// shrinking included; a lookup allocates nothing (ConnectionRegistryTests).
/// </summary>
/// <remarks>
/// Linearizability, for one device id (ids are independent of each other but for the capacity):
/// - A change takes effect at the one successful swap of its bucket's head. The chain it was computed from is immutable and was
///   the whole bucket until that swap, so "there was none", "this one was replaced" and "it was still mine" are true at that instant.
///   Each replacement takes out exactly one predecessor, so each loser is reported displaced exactly once.
/// - A lookup takes effect when it reads the head: a live head is the whole bucket at that instant. If it reads null (moving to a
///   longer or shorter table), it reads the previous table's slot: not frozen means that the move has not begun, so
///   that read decides; frozen means to read the new slot again, and if that is still null nobody can have changed anything since the
///   freezing, so that second read decides. If it reads frozen, a newer table has been published, and it starts over there.
/// - Refusals that change nothing take effect when the head was read.
///
/// Progress: a failed swap means another change or a move of that bucket succeeded. A lookup starts over only when a whole
/// new table has been published meanwhile.
///
/// Capacity is a count of places: one is taken before an entry goes in and given back after it has come out, so entries are never
/// above it. At the last place a registration may find it full while another holds that place and then turns out to
/// replace instead, or while a removal is about to return.
/// </remarks>
internal sealed class ConnectionRegistry<T>
    where T : class, IRegisteredConnection
{
    private const int MaxUtf8OnStack = 256;

    // A table this small is filled by whoever creates it: that takes microseconds.
    private const int SettleAtOnce = 1024;

    private readonly RegistryHash _hash = RegistryHash.CreateRandom();
    private readonly DuplicateDevicePolicy _policy;
    private RegistryTable _table = new(RegistryTable.MinLength, previous: null);

    // Every change writes it and no lookup reads it: beside the fields above it would cost each lookup a cache miss.
    private PaddedCount _places;

    public ConnectionRegistry(int capacity, DuplicateDevicePolicy policy)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        Capacity = capacity;
        _policy = policy;
    }

    public int Capacity { get; }

    /// <summary>Connections registered, or about to be.</summary>
    public int Count => (int)Volatile.Read(ref _places.Value);

    /// <summary>Slots of the newest table; for tests of growing and shrinking.</summary>
    internal int SlotCount => Volatile.Read(ref _table).Length;

    /// <summary>
    /// Registers the connection under its device id. Registering it again while it is registered changes nothing.
    /// </summary>
    /// <param name="connection">The newcomer; whoever registers it removes it.</param>
    /// <param name="displaced">The connection that lost its place, for the caller to end; only with Replaced.</param>
    public RegistrationResult Register(T connection, out T? displaced)
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
                if (!same && _policy == DuplicateDevicePolicy.Replace)
                {
                    if (!table.TrySwap(hash, head, new RegistryNode(hash, id, connection, RegistryNode.Without(head, older))))
                    {
                        continue;
                    }

                    displaced = Unsafe.As<T>(older.Value);
                }

                if (placed)
                {
                    GiveBackPlace();
                }

                return same ? RegistrationResult.Added
                    : displaced is null ? RegistrationResult.Rejected
                    : RegistrationResult.Replaced;
            }

            if (!placed && !(placed = TryTakePlace()))
            {
                // The place may have gone to this very id, which then is to be replaced.
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

    /// <summary>Takes this connection out; a newer one of the same device stays.</summary>
    /// <returns>Whether it was registered: true for exactly one of any number of calls.</returns>
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
                GiveBackPlace();
                Fit(table);
                return true;
            }
        }
    }

    /// <summary>The connection of that normalised device id, or null.</summary>
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

    /// <summary>The connection of that normalised device id, given as UTF-8, or null.</summary>
    [SkipLocalsInit]
    public T? Find(ReadOnlySpan<byte> utf8DeviceId)
    {
        if (utf8DeviceId.Length > MaxUtf8OnStack)
        {
            return FindLong(utf8DeviceId);
        }

        // Ids are ASCII but for hand-made ones.
        Span<char> chars = stackalloc char[MaxUtf8OnStack];
        if (Ascii.ToUtf16(utf8DeviceId, chars, out int ascii) == OperationStatus.Done)
        {
            return Find(chars[..ascii]);
        }

        return Utf8.ToUtf16(utf8DeviceId, chars, out _, out int written, replaceInvalidSequences: false) == OperationStatus.Done
            ? Find(chars[..written])
            : null;
    }

    /// <summary>
    /// Goes through the connections without stopping anyone. One that is registered all the while is met exactly once; one that
    /// comes or goes meanwhile may or may not be met.
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

    // No id of the gateway's own making is this long.
    private T? FindLong(ReadOnlySpan<byte> utf8DeviceId)
    {
        char[] chars = ArrayPool<char>.Shared.Rent(utf8DeviceId.Length);
        try
        {
            return Utf8.ToUtf16(utf8DeviceId, chars, out _, out int written, replaceInvalidSequences: false) == OperationStatus.Done
                ? Find(chars.AsSpan(0, written))
                : null;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(chars);
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

    // Either way there is half an entry a slot afterwards: the number has to double, or to fall to a quarter, before the next
    // step, so that a fleet around one size does not move to and fro.
    private static int WantedLength(int count, int length) =>
        count > length ? length * 2
        : length > RegistryTable.MinLength && count < length / 8 ? Math.Max(length / 4, RegistryTable.MinLength)
        : length;

    private void GiveBackPlace() => Interlocked.Decrement(ref _places.Value);

    // After each change: move the filling of a new table along, and start one when the size no longer fits.
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

            // Outgrown before it was filled: a helper was preempted with slots in hand.
            table.Settle();
        }

        var next = new RegistryTable(length, table);
        if (Interlocked.CompareExchange(ref _table, next, table) == table && length <= SettleAtOnce)
        {
            next.Settle();
        }
    }
}
