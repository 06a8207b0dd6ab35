namespace FastGate.Connections;

/// <summary>What other threads have asked of a loop. Raised by any thread, taken all at once by the loop.</summary>
[Flags]
internal enum ConnectionSignals
{
    None = 0,

    /// <summary>The outbound queue holds messages.</summary>
    Outbound = 1,

    /// <summary>An end reason has been set: close.</summary>
    Close = 2,

    /// <summary>The device has been silent for the idle time: warn it.</summary>
    IdleWarning = 4,

    /// <summary>A newer connection has taken the device id.</summary>
    Replaced = 8,
}
