namespace FastGate.Tools.Device;

/// <summary>How a call of a device's tool ended.</summary>
internal enum ToolCallOutcome
{
    Ok,

    /// <summary>The device reported an error, or answered nothing usable.</summary>
    Error,

    /// <summary>The device did not answer in time.</summary>
    Timeout,

    /// <summary>The turn was cancelled.</summary>
    Cancelled,

    /// <summary>The device has left.</summary>
    Closed,

    /// <summary>The call was never sent: too many at once, or arguments that are too long.</summary>
    Refused,
}
