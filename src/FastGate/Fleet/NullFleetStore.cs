namespace FastGate.Fleet;

/// <summary>Keeps nothing: bans and tags end with the process.</summary>
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
}
