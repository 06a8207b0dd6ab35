namespace FastGate.Fleet;

/// <summary>Keeps bans and tags over the end of the process. Throws <see cref="Memory.MemoryStoreException"/> when it cannot.</summary>
internal interface IFleetStore
{
    /// <summary>False when the records are lost with the process.</summary>
    bool IsDurable { get; }

    /// <summary>What is kept; nothing when there is no database yet.</summary>
    (IReadOnlyList<Ban> Bans, IReadOnlyList<KeyValuePair<string, string[]>> Tags) Load();

    /// <summary>Adds one ban and removes others, at once.</summary>
    void Change(Ban? added, IReadOnlyList<long> removed);

    /// <summary>Replaces the tags of a device.</summary>
    void SetTags(string deviceId, string[] tags);
}
