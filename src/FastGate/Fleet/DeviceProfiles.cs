using System.Collections.Concurrent;
using FastGate.Diagnostics;

namespace FastGate.Fleet;

/// <summary>
/// The profiles of devices by id. Any thread. A device has one from its first OTA request, finished turn or end of a connection on; an idle connection
/// costs nothing here. At the bound the oldest profile is forgotten. Each shard has a lock that is held for a few instructions, never on the path of a
/// message.
/// </summary>
internal sealed class DeviceProfiles(TimeProvider time, int capacity = DeviceProfiles.Capacity)
{
    public const int Capacity = 65_536;

    // A power of two.
    private const int Shards = 64;

    // Fleets have few versions and boards; clients could invent more.
    private const int MaxTexts = 1_024;
    private const int MaxText = 64;

    private readonly Shard[] _shards = [.. Enumerable.Range(0, Shards).Select(_ => new Shard(Math.Max(1, capacity / Shards)))];
    private readonly ConcurrentDictionary<string, string> _texts = new(StringComparer.Ordinal);
    private long _forgotten;

    /// <summary>Called with what has changed, under the lock of a shard: it must not wait. Set before the first report.</summary>
    public Action<DeviceKind>? OnReported { get; set; }

    public int Count => _shards.Sum(static shard => shard.Count);

    /// <summary>Profiles that were forgotten at the bound.</summary>
    public long Forgotten => Volatile.Read(ref _forgotten);

    /// <summary>What a device has reported in its OTA request. A text that cannot be shown is ignored.</summary>
    public void Report(string deviceId, string? firmware, string? board)
    {
        (firmware, board) = (Intern(firmware), Intern(board));
        if (firmware is null && board is null)
        {
            return;
        }

        Change(deviceId, (Kind: new DeviceKind(deviceId, firmware, board, time.GetUtcNow()), OnReported), static (profile, report) =>
        {
            DeviceKind kind = report.Kind with { Firmware = report.Kind.Firmware ?? profile.Firmware, Board = report.Kind.Board ?? profile.Board };
            if (profile.Report(kind))
            {
                report.OnReported?.Invoke(kind);
            }
        });
    }

    /// <summary>What was saved of the reports to an earlier process. A report to this one stays.</summary>
    public void Restore(IReadOnlyList<DeviceKind> kinds)
    {
        foreach (DeviceKind kind in kinds)
        {
            Change(kind.DeviceId, kind with { Firmware = Intern(kind.Firmware), Board = Intern(kind.Board) }, static (profile, kind) => profile.Restore(kind));
        }
    }

    public void TurnEnded(string deviceId, in TurnTimes turn, bool failed, bool cancelled) =>
        Change(deviceId, (turn, failed, cancelled), static (profile, ended) => profile.Add(ended.turn, ended.failed, ended.cancelled));

    public void ConnectionEnded(string deviceId, string reason, long ageMs) =>
        Change(deviceId, new DeviceEnd(time.GetUtcNow(), reason, (int)(ageMs / 1_000)), static (profile, end) => profile.Add(end));

    /// <summary>Null for a device that has no profile.</summary>
    public ProfileSnapshot? Find(string deviceId) => ShardOf(deviceId).Read(deviceId, static profile => profile.Read());

    /// <summary>What filters look at.</summary>
    public (string? Firmware, string? Board) FindKind(string deviceId) => ShardOf(deviceId).Read(deviceId, static profile => (profile.Firmware, profile.Board));

    private void Change<T>(string deviceId, in T value, Action<DeviceProfile, T> change)
    {
        if (ShardOf(deviceId).Change(deviceId, value, change))
        {
            Interlocked.Increment(ref _forgotten);
        }
    }

    // The hash of a string is keyed per process: a client cannot choose its shard.
    private Shard ShardOf(string deviceId) => _shards[deviceId.GetHashCode() & (Shards - 1)];

    private string? Intern(string? text)
    {
        if (text is not { Length: > 0 and <= MaxText } || text.Any(static character => character is < ' ' or > '~'))
        {
            return null;
        }

        return _texts.TryGetValue(text, out string? known) ? known : _texts.Count < MaxTexts ? _texts.GetOrAdd(text, text) : text;
    }

    private sealed class Shard(int capacity)
    {
        private readonly Lock _lock = new();

        // Guarded by the lock. The queue has the ids in the order of their arrival.
        private readonly Dictionary<string, DeviceProfile> _profiles = new(StringComparer.Ordinal);
        private readonly Queue<string> _order = new();

        public int Count
        {
            get
            {
                lock (_lock)
                {
                    return _profiles.Count;
                }
            }
        }

        public TResult? Read<TResult>(string deviceId, Func<DeviceProfile, TResult> read)
        {
            lock (_lock)
            {
                return _profiles.TryGetValue(deviceId, out DeviceProfile? profile) ? read(profile) : default;
            }
        }

        /// <summary>True when another profile had to be forgotten.</summary>
        public bool Change<T>(string deviceId, in T value, Action<DeviceProfile, T> change)
        {
            lock (_lock)
            {
                bool forgets = false;
                if (!_profiles.TryGetValue(deviceId, out DeviceProfile? profile))
                {
                    forgets = _profiles.Count == capacity;
                    if (forgets)
                    {
                        _profiles.Remove(_order.Dequeue());
                    }

                    _profiles[deviceId] = profile = new DeviceProfile();
                    _order.Enqueue(deviceId);
                }

                change(profile, value);
                return forgets;
            }
        }
    }
}
