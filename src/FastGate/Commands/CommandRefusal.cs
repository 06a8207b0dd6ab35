namespace FastGate.Commands;

/// <summary>Why a request about commands is refused.</summary>
internal enum CommandRefusal
{
    None,

    /// <summary>The payload is longer than <see cref="DeviceCommands.MaxPayload"/>.</summary>
    TooLong,

    /// <summary>Too many commands wait for this device.</summary>
    DeviceFull,

    /// <summary>Too many commands wait.</summary>
    Full,

    /// <summary>Too many requests about commands wait for the store.</summary>
    Busy,

    /// <summary>The store fails.</summary>
    StoreFailed,

    /// <summary>The key was used for another command of the device.</summary>
    OtherCommand,

    /// <summary>There is no such command.</summary>
    Unknown,

    /// <summary>The command was sent or has ended, so it cannot be cancelled.</summary>
    TooLate,
}
