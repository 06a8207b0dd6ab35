namespace FastGate.Limits;

/// <summary>What an overloaded server sheds. Each level includes those before it; nothing else is ever shed.</summary>
internal enum OverloadLevel
{
    None,

    /// <summary>New devices are refused with 503, and turns that would have to wait get the busy line.</summary>
    NewDevices,

    /// <summary>Idle devices with an automatic id are closed too: they lose nothing that they could come back to.</summary>
    IdleDevices,
}
