namespace FastGate.LoadTest.Load;

/// <summary>Why a connection ended.</summary>
internal enum DeviceEnd
{
    /// <summary>The device disconnected without a close frame, as firmware does.</summary>
    Dropped,

    /// <summary>The connect failed.</summary>
    ConnectFailed,

    /// <summary>The server answered the upgrade with another status than 101.</summary>
    Refused,

    /// <summary>The server closed, with or without a close frame.</summary>
    ClosedByServer,

    /// <summary>The connection was reset.</summary>
    Reset,

    /// <summary>The server sent an invalid frame.</summary>
    ProtocolError,
}
