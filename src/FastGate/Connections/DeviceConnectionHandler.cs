using FastGate.HandOver;
using FastGate.Transport.HandOver;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Connections;

/// <summary>Runs one <see cref="DeviceConnection"/> for every accepted or adopted socket, on any transport.</summary>
internal sealed class DeviceConnectionHandler(ConnectionServices services) : ConnectionHandler
{
    public override Task OnConnectedAsync(ConnectionContext connection)
    {
        DeviceConnection device = services.Directory is { } directory
            ? new ClusteredConnection(services, connection, directory)
            : new DeviceConnection(services, connection);
        if (connection.Find<IAdoptedConnection>() is { } adopted)
        {
            device.Restore((ConnectionState)adopted.State);
            return device.ContinueAsync();
        }

        device.Accept();
        return device.RunAsync();
    }
}
