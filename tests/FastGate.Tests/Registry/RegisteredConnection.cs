using FastGate.Registry;

namespace FastGate.Tests.Registry;

/// <summary>A connection to register. Two instances with the same id are different connections of one device.</summary>
internal sealed class RegisteredConnection(string deviceId) : IRegisteredConnection
{
    public string DeviceId { get; } = deviceId;

    public override string ToString() => $"{DeviceId}/{GetHashCode():x}";
}
