namespace FastGate.Connections;

/// <summary>Requests of other threads to a connection's loop. Raised by any thread, taken together by the loop.</summary>
[Flags]
internal enum ConnectionSignals
{
    None = 0,

    /// <summary>The outbound queue holds messages.</summary>
    Outbound = 1,

    /// <summary>An end reason has been set; close the connection.</summary>
    Close = 2,

    /// <summary>The device has sent nothing for the idle time; warn it.</summary>
    IdleWarning = 4,

    /// <summary>A newer connection has taken the device id.</summary>
    Replaced = 8,

    /// <summary>The socket and the session pass to another owner.</summary>
    HandOver = 16,

    /// <summary>The turn in progress is too long for a restart: cut it.</summary>
    CutTurn = 32,

    /// <summary>The pause in reading a device that sent too much is over.</summary>
    Resume = 64,
}
