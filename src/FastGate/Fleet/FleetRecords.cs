using FastGate.Diagnostics;
using FastGate.Memory;
using Microsoft.Extensions.Logging;

namespace FastGate.Fleet;

/// <summary>What the gateway keeps about devices beside their connections. Any thread.</summary>
internal sealed class FleetRecords : IDisposable
{
    private readonly IFleetStore _store;
    private readonly ILogger _log;

    public FleetRecords(IFleetStore store, TimeProvider time, ILogger log, int banSalt = 0)
    {
        _store = store;
        _log = log;
        Kinds = new DeviceKindWriter(store, time, log);
        Profiles = new DeviceProfiles(time) { OnReported = kind => Kinds.Add(kind) };
        Tags = new DeviceTags(store);
        Bans = new BanList(store, time) { IdSalt = banSalt };
        Known = new KnownDevices(store, time, log);
    }

    public DeviceProfiles Profiles { get; }

    public DeviceKindWriter Kinds { get; }

    public DeviceTags Tags { get; }

    public BanList Bans { get; }

    /// <summary>Devices that may get a token by OTA.</summary>
    public KnownDevices Known { get; }

    /// <summary>False when all of it is lost with the process.</summary>
    public bool IsDurable => _store.IsDurable;

    /// <summary>Reads bans and tags, before the first handshake. Without its database the server runs, as without its memory.</summary>
    public void TryLoad()
    {
        try
        {
            (IReadOnlyList<Ban> bans, IReadOnlyList<KeyValuePair<string, string[]>> tags) = _store.Load();
            Bans.Load(bans);
            Tags.Load(tags);
            Known.Load(_store.LoadClients(KnownDevices.Capacity));
        }
        catch (MemoryStoreException exception)
        {
            _log.FleetNotLoaded(exception.Message);
        }
    }

    /// <summary>Reads what devices have reported to earlier processes. No device waits for it, because only filters need it.</summary>
    public void TryLoadKinds()
    {
        try
        {
            Profiles.Restore(_store.LoadKinds(DeviceKindWriter.Capacity));
        }
        catch (MemoryStoreException exception)
        {
            _log.KindsNotLoaded(exception.Message);
        }
    }

    /// <summary>Saves what waits to be saved. After the limit no further batch of kinds begins.</summary>
    public Task FlushAsync(TimeSpan limit) => Task.WhenAll(Kinds.FlushAsync(limit), Known.FlushAsync());

    public void Dispose()
    {
        Kinds.Dispose();
        Known.Dispose();
    }
}
