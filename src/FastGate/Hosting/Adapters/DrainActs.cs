using FastGate.Connections;
using FastGate.Http.Admin;

namespace FastGate.Hosting.Adapters;

/// <summary>Starts the drain with the filters of the admin API.</summary>
internal sealed class DrainActs(FleetDrain drain, FleetActs devices) : IDrainActs
{
    public FleetDrainReport Report() => drain.Report();

    public string? TryStart(DeviceFilter filter, int perSecond, bool reconnectAtOnce)
    {
        bool isAll = filter == new DeviceFilter();
        return drain.TryStart(new FleetDrainRequest
        {
            Rate = perSecond,
            Matches = isAll ? null : devices.MatchOf(filter),
            MatchesHandshake = isAll ? null : devices.HandshakeMatchOf(filter),
            ReconnectAtOnce = reconnectAtOnce,
            Description = filter.ToString(),
        });
    }

    public bool Cancel() => drain.Cancel();
}
