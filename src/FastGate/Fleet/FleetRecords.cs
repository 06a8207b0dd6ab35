using FastGate.Diagnostics;
using FastGate.Memory;
using Microsoft.Extensions.Logging;

namespace FastGate.Fleet;

/// <summary>What the gateway keeps about devices beside their connections. Any thread.</summary>
internal sealed class FleetRecords(IFleetStore store, TimeProvider time)
{
    public DeviceProfiles Profiles { get; } = new(time);

    public DeviceTags Tags { get; } = new(store);

    public BanList Bans { get; } = new(store, time);

    /// <summary>False when bans and tags are lost with the process.</summary>
    public bool IsDurable => store.IsDurable;

    /// <summary>Reads what is kept, before the first handshake. Without its database the server runs, as without its memory.</summary>
    public void TryLoad(ILogger log)
    {
        try
        {
            (IReadOnlyList<Ban> bans, IReadOnlyList<KeyValuePair<string, string[]>> tags) = store.Load();
            Bans.Load(bans);
            Tags.Load(tags);
        }
        catch (MemoryStoreException exception)
        {
            log.FleetNotLoaded(exception.Message);
        }
    }
}
