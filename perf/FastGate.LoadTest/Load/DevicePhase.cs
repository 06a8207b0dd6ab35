namespace FastGate.LoadTest.Load;

/// <summary>The phase of a simulated device's connection.</summary>
internal enum DevicePhase
{
    /// <summary>Not connected; the device's timer starts a connection.</summary>
    Away,

    Connecting,

    /// <summary>Waits for the 101.</summary>
    Upgrading,

    /// <summary>Waits for the answer to its hello.</summary>
    Greeting,

    Ready,
}
