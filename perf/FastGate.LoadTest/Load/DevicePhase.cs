namespace FastGate.LoadTest.Load;

/// <summary>How far a simulated device's connection is.</summary>
internal enum DevicePhase
{
    /// <summary>No connection; the device's timer begins one.</summary>
    Away,

    Connecting,

    /// <summary>The request is out, the 101 is not here.</summary>
    Upgrading,

    /// <summary>The hello is out, its answer is not here.</summary>
    Greeting,

    Ready,
}
