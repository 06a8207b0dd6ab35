namespace FastGate.Commands;

/// <summary>How far a command is. The numbers are stored.</summary>
internal enum CommandState
{
    /// <summary>Waits for its device, or for the commands before it.</summary>
    Queued = 0,

    /// <summary>Handed to the device; its answer is awaited. It is never sent again, because a tool may already have acted.</summary>
    Sent = 1,

    /// <summary>The device has answered with a result, or a raw message was written to its socket.</summary>
    Acknowledged = 2,

    /// <summary>The device reported an error or did not answer, or the outcome is unknown.</summary>
    Failed = 3,

    /// <summary>The device did not connect within the command's time to live.</summary>
    Expired = 4,

    /// <summary>Withdrawn by an operator before it was sent.</summary>
    Cancelled = 5,
}
