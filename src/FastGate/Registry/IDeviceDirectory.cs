namespace FastGate.Registry;

/// <summary>Makes known to other nodes which devices are connected here. Every member may be called from any thread and never waits.</summary>
internal interface IDeviceDirectory
{
    /// <summary>The connection is in the registry now.</summary>
    void Registered(IClaimedConnection connection);

    /// <summary>The connection has left the registry without a successor.</summary>
    void Left(IClaimedConnection connection);
}
