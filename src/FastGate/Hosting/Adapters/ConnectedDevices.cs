using System.Net;
using FastGate.Connections;
using FastGate.Fleet;
using FastGate.Flight;

namespace FastGate.Hosting.Adapters;

/// <summary>The registry's devices for the explainer.</summary>
internal sealed class ConnectedDevices(ConnectionServices connections) : IConnectedDevices
{
    public IEnumerable<string> Ids
    {
        get
        {
            foreach (DeviceConnection connection in connections.Registry)
            {
                yield return connection.DeviceId;
            }
        }
    }

    public DateTimeOffset? ConnectedSince(string deviceId) => connections.Registry.Find(deviceId) is { } connection
        ? DateTimeOffset.UtcNow - TimeSpan.FromMilliseconds(connections.Clock.NowMs - connection.OpenedMs)
        : null;

    public int CountFrom(AddressRange addresses)
    {
        int count = 0;
        foreach (DeviceConnection connection in connections.Registry)
        {
            count += connection.RemoteEndPoint is IPEndPoint peer && addresses.Contains(peer.Address) ? 1 : 0;
        }

        return count;
    }
}
