using Microsoft.AspNetCore.Connections;

namespace FastGate.Connections;

/// <summary>The door: one device connection for every socket, whichever transport brought it.</summary>
internal sealed class DeviceConnectionHandler(ConnectionServices door) : ConnectionHandler
{
    public override Task OnConnectedAsync(ConnectionContext connection) => new DeviceConnection(door, connection).RunAsync();
}
