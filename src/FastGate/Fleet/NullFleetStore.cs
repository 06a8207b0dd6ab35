namespace FastGate.Fleet;

/// <summary>Keeps nothing: bans, tags and kinds of devices end with the process.</summary>
internal sealed class NullFleetStore : IFleetStore
{
    public bool IsDurable => false;

    public (IReadOnlyList<Ban> Bans, IReadOnlyList<KeyValuePair<string, string[]>> Tags) Load() => ([], []);

    public void Change(Ban? added, IReadOnlyList<long> removed)
    {
    }

    public void SetTags(string deviceId, string[] tags)
    {
    }

    public IReadOnlyList<KeyValuePair<string, long>> LoadClients(int most) => [];

    public void SaveClients(IReadOnlyList<KeyValuePair<string, long>> clients)
    {
    }

    public IReadOnlyList<DeviceKind> LoadKinds(int most) => [];

    public void SaveKinds(IReadOnlyList<DeviceKind> kinds, int most)
    {
    }
}
