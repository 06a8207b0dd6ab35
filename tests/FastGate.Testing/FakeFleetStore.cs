using FastGate.Fleet;

namespace FastGate.Testing;

/// <summary>Keeps bans, tags and kinds of devices in lists that a test reads, and fails while a test wants it.</summary>
internal sealed class FakeFleetStore : IFleetStore
{
    public List<Ban> Bans { get; } = [];

    public Dictionary<string, string[]> Tags { get; } = [];

    public List<DeviceKind> Kinds { get; } = [];

    public System.Collections.Concurrent.ConcurrentDictionary<string, long> Clients { get; } = new();

    public Exception? Failure { get; set; }

    public bool IsDurable => true;

    public (IReadOnlyList<Ban> Bans, IReadOnlyList<KeyValuePair<string, string[]>> Tags) Load() => Failure is null ? ([.. Bans], [.. Tags]) : throw Failure;

    public void Change(Ban? added, IReadOnlyList<long> removed)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        Bans.RemoveAll(ban => removed.Contains(ban.Id));
        if (added is not null)
        {
            Bans.Add(added);
        }
    }

    public void SetTags(string deviceId, string[] tags)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        Tags[deviceId] = tags;
    }

    public IReadOnlyList<KeyValuePair<string, long>> LoadClients(int most) => Failure is null ? [.. Clients] : throw Failure;

    public void SaveClients(IReadOnlyList<KeyValuePair<string, long>> clients)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        foreach ((string device, long client) in clients)
        {
            Clients[device] = client;
        }
    }

    public IReadOnlyList<DeviceKind> LoadKinds(int most) => Failure is null ? [.. Kinds] : throw Failure;

    public void SaveKinds(IReadOnlyList<DeviceKind> kinds, int most)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        Kinds.AddRange(kinds);
    }
}
