using System.Net;

namespace FastGate.Fleet;

/// <summary>
/// The bans in force. Event loops look them up without a lock: without bans that is one read. Changes go through the store first, so that a ban that was
/// answered survives the process; at the bound a new ban is refused.
/// </summary>
internal sealed class BanList(IFleetStore store, TimeProvider time)
{
    public const int Capacity = 10_000;

    /// <summary>Automatic bans, which leave the places of the operator's bans alone.</summary>
    public const int AutomaticCapacity = 1_000;

    /// <summary>Ids are exact in JavaScript until 2039.</summary>
    private const int SaltBits = 12;

    private readonly Lock _changes = new();

    // Replaced under the lock, read by any thread. Null without bans.
    private volatile BanTable? _table;

    // Guarded by the lock.
    private long _lastId;
    private long _refused;

    /// <summary>1 to 4,095, random for each process, when several servers share their bans: their ids then differ. 0 for a server alone.</summary>
    public int IdSalt { get; init; }

    public int Count => _table?.Bans.Count ?? 0;

    /// <summary>Whether an address or a network is banned.</summary>
    public bool HasRanges => _table?.HasRanges == true;

    /// <summary>Handshakes that were refused by a ban.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>The ban of an address, or null. Any thread; allocates nothing.</summary>
    public Ban? Find(EndPoint? source) =>
        source is IPEndPoint { Address: { } address } ? Find(AddressRange.ValueOf(address)) : null;

    /// <summary>The ban of an address as of <see cref="AddressRange.ValueOf"/>, or null. Any thread; allocates nothing.</summary>
    public Ban? Find(UInt128 address) => _table is { } table ? InForce(table.Find(address)) : null;

    /// <summary>The ban of a device, or null. Any thread; allocates nothing.</summary>
    public Ban? Find(string deviceId) => _table is { } table ? InForce(table.Find(deviceId)) : null;

    /// <summary>A ban of all these addresses, or null. Looks at each ban: not for handshakes.</summary>
    public Ban? Covering(AddressRange addresses) => After(0).FirstOrDefault(ban => ban.Range?.Contains(addresses) == true);

    public void CountRefusal() => Interlocked.Increment(ref _refused);

    /// <summary>The bans in force with ids above <paramref name="after"/>.</summary>
    public IEnumerable<Ban> After(long after)
    {
        DateTimeOffset now = time.GetUtcNow();
        return (_table?.Bans ?? []).Where(ban => ban.Id > after && !ban.IsOver(now));
    }

    /// <summary>Before the first handshake.</summary>
    public void Load(IReadOnlyList<Ban> bans)
    {
        lock (_changes)
        {
            _lastId = Math.Max(_lastId, bans.Count == 0 ? 0 : bans.Max(static ban => ban.Id));
            Replace(bans);
        }
    }

    /// <summary>
    /// Bans a device or a range, or changes the end of its ban. Null when there are too many bans. Throws what the store throws, and then nothing has
    /// changed.
    /// </summary>
    public Ban? Add(string? device, AddressRange? range, TimeSpan? duration, string? reason)
    {
        lock (_changes)
        {
            DateTimeOffset now = time.GetUtcNow();
            IReadOnlyList<Ban> bans = _table?.Bans ?? [];
            Ban[] over = [.. bans.Where(ban => ban.IsOver(now) || (ban.Device == device && ban.Range == range))];
            if (bans.Except(over).Count(static ban => !ban.IsAutomatic) >= Capacity)
            {
                return null;
            }

            // Ids grow over restarts too, because the clock does.
            _lastId = NextId(now);
            var added = new Ban(_lastId, device, range, now, now + duration, reason);
            store.Change(added, [.. over.Select(static ban => ban.Id)]);
            Replace([.. bans.Except(over), added]);
            return added;
        }
    }

    /// <summary>
    /// Bans those that have no ban yet, until the process ends at the latest. The caller has a list, because each change copies all bans. Fewer are
    /// returned when there are too many.
    /// </summary>
    public IReadOnlyList<Ban> AddAutomatic(IEnumerable<(string? Device, AddressRange? Range, string Reason)> subjects, TimeSpan duration)
    {
        lock (_changes)
        {
            DateTimeOffset now = time.GetUtcNow();
            List<Ban> bans = [.. (_table?.Bans ?? []).Where(ban => !ban.IsOver(now) || !ban.IsAutomatic)];
            int room = AutomaticCapacity - bans.Count(static ban => ban.IsAutomatic);
            List<Ban> added = [];
            foreach ((string? device, AddressRange? range, string reason) in subjects)
            {
                if (added.Count < room && !bans.Exists(ban => ban.Device == device && ban.Range == range && !ban.IsOver(now)))
                {
                    _lastId = NextId(now);
                    added.Add(new Ban(_lastId, device, range, now, now + duration, reason) { IsAutomatic = true });
                }
            }

            bans.AddRange(added);
            Replace(bans);
            return added;
        }
    }

    /// <summary>Null when there is no such ban. Throws what the store throws.</summary>
    public Ban? Remove(long id)
    {
        lock (_changes)
        {
            if (_table?.Bans.FirstOrDefault(ban => ban.Id == id) is not { } ban)
            {
                return null;
            }

            if (!ban.IsAutomatic)
            {
                store.Change(null, [id]);
            }

            Replace([.. _table.Bans.Where(other => other.Id != id)]);
            return ban.IsOver(time.GetUtcNow()) ? null : ban;
        }
    }

    /// <summary>
    /// Takes over the bans of other servers and the ends of bans, of which the greater id counts for one device or range. Returns how many have changed here.
    /// Throws what the store throws; what came before has then changed.
    /// </summary>
    /// <param name="shared">Bans, and whether each was ended.</param>
    /// <param name="missing">The bans in force here that are not among the shared ones, or with a smaller id.</param>
    public int Merge(IReadOnlyList<(Ban Ban, bool IsEnd)> shared, out IReadOnlyList<Ban> missing)
    {
        lock (_changes)
        {
            DateTimeOffset now = time.GetUtcNow();
            IReadOnlyList<Ban> before = _table?.Bans ?? [];
            var bans = before.Where(static ban => !ban.IsAutomatic).ToDictionary(static ban => (ban.Device, ban.Range));
            Dictionary<(string?, AddressRange?), long> known = [];
            int changed = 0;
            try
            {
                foreach ((Ban ban, bool isEnd) in shared)
                {
                    known[(ban.Device, ban.Range)] = ban.Id;
                    Ban? own = bans.GetValueOrDefault((ban.Device, ban.Range));
                    bool counts = !isEnd && !ban.IsOver(now);
                    if (own?.Id >= ban.Id || (own is null && !counts) || (counts && own is null && bans.Count >= Capacity))
                    {
                        continue;
                    }

                    store.Change(counts ? ban : null, own is null ? [] : [own.Id]);
                    bans.Remove((ban.Device, ban.Range));
                    if (counts)
                    {
                        bans.Add((ban.Device, ban.Range), ban);
                        _lastId = Math.Max(_lastId, ban.Id);
                    }

                    changed++;
                }
            }
            finally
            {
                if (changed > 0)
                {
                    // An automatic ban ends where an operator's counts.
                    Replace([.. bans.Values.Concat(before.Where(ban => ban.IsAutomatic && bans.GetValueOrDefault((ban.Device, ban.Range))?.IsOver(now) != false)).OrderBy(static ban => ban.Id)]);
                }
            }

            missing = [.. bans.Values.Where(ban => !ban.IsOver(now) && known.GetValueOrDefault((ban.Device, ban.Range)) < ban.Id)];
            return changed;
        }
    }

    /// <summary>An id for the end of a ban, greater than that of the ban.</summary>
    public long EndId(Ban ban)
    {
        lock (_changes)
        {
            return _lastId = Math.Max(NextId(time.GetUtcNow()), ban.Id + 1);
        }
    }

    private long NextId(DateTimeOffset now) =>
        Math.Max(_lastId + 1, IdSalt == 0 ? now.ToUnixTimeMilliseconds() : (now.ToUnixTimeMilliseconds() << SaltBits) | (long)IdSalt);

    private void Replace(IReadOnlyList<Ban> bans) => _table = bans.Count == 0 ? null : new BanTable(bans);

    private Ban? InForce(Ban? ban) => ban?.IsOver(time.GetUtcNow()) == false ? ban : null;
}
