using FastGate.Connections;

namespace FastGate.Http.Admin;

/// <summary>The drain of the server, which runs until it is cancelled or the process ends. Any thread.</summary>
internal interface IDrainActs
{
    FleetDrainReport Report();

    /// <summary>Null when the drain has begun, else why it has not. A filter that is wrong ends the request.</summary>
    string? TryStart(DeviceFilter filter, int perSecond, bool reconnectAtOnce);

    /// <summary>False when no drain runs.</summary>
    bool Cancel();
}
