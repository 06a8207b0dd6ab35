namespace FastGate.Fleet;

/// <summary>Keeps bans, tags and kinds of devices over the end of the process. Throws <see cref="Memory.MemoryStoreException"/> when it cannot.</summary>
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

    /// <summary>The devices that may get a token by OTA, each with the hash of its client id.</summary>
    IReadOnlyList<KeyValuePair<string, long>> LoadClients(int most);

    /// <summary>Adds or replaces them, all or none.</summary>
    void SaveClients(IReadOnlyList<KeyValuePair<string, long>> clients);

    /// <summary>The devices that reported last, the newest report at the end.</summary>
    IReadOnlyList<DeviceKind> LoadKinds(int most);

    /// <summary>Adds or replaces kinds; the devices with the oldest reports are deleted beyond a number.</summary>
    void SaveKinds(IReadOnlyList<DeviceKind> kinds, int most);
}
