using FastGate.Fleet;

namespace FastGate.Flight;

/// <summary>The devices that are connected now. Any thread.</summary>
internal interface IConnectedDevices
{
    IEnumerable<string> Ids { get; }

    /// <summary>Null for a device that is not connected.</summary>
    DateTimeOffset? ConnectedSince(string deviceId);

    int CountFrom(AddressRange addresses);
}
