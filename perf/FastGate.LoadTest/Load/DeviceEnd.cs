namespace FastGate.LoadTest.Load;

/// <summary>Why a connection is over.</summary>
internal enum DeviceEnd
{
    /// <summary>The device went, as firmware goes: without a close frame.</summary>
    Dropped,

    /// <summary>No connection came about.</summary>
    ConnectFailed,

    /// <summary>The server answered the upgrade with another status than 101.</summary>
    Refused,

    /// <summary>The server closed, with or without a close frame.</summary>
    ClosedByServer,

    /// <summary>The connection was reset.</summary>
    Reset,

    /// <summary>The server sent something that is no frame.</summary>
    ProtocolError,
}
