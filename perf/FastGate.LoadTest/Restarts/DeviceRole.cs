namespace FastGate.LoadTest.Restarts;

/// <summary>What a device does while the server is restarted.</summary>
internal enum DeviceRole
{
    /// <summary>Only says hello again after each restart.</summary>
    Idle,

    /// <summary>Pings once a second.</summary>
    Pinging,

    /// <summary>Has one turn after the other.</summary>
    Turning,

    /// <summary>Connects, pings, disconnects and connects again.</summary>
    Arrival,
}
