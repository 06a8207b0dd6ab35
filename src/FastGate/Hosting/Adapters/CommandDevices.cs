using FastGate.Commands;
using FastGate.Connections;
using FastGate.Registry;

namespace FastGate.Hosting.Adapters;

/// <summary>Finds the sessions of connected devices for their commands.</summary>
internal sealed class CommandDevices(ConnectionRegistry<DeviceConnection> registry) : ICommandDevices
{
    public ICommandDevice? Find(string deviceId) => registry.Find(deviceId)?.Session;
}
