namespace FastGate.Configuration.Options;

/// <summary>Who carries the device door's bytes.</summary>
internal enum DeviceTransportKind
{
    /// <summary>Event loops where they run, Kestrel's sockets elsewhere.</summary>
    Auto,
    EventLoop,
    Sockets,
}
