using Microsoft.AspNetCore.Connections;

namespace FastGate.Connections;

/// <summary>Runs one <see cref="DeviceConnection"/> for every accepted socket, on any transport.</summary>
internal sealed class DeviceConnectionHandler(ConnectionServices services) : ConnectionHandler
{
    public override Task OnConnectedAsync(ConnectionContext connection) => new DeviceConnection(services, connection).RunAsync();
}
