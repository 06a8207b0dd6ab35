namespace FastGate.Registry;

/// <summary>What the registry needs to know of a connection.</summary>
internal interface IRegisteredConnection
{
    /// <summary>The normalised device id; it does not change while registered.</summary>
    string DeviceId { get; }
}
