namespace FastGate.Commands;

/// <summary>A command as an operator requests it.</summary>
/// <param name="DeviceId">The normalised id.</param>
/// <param name="Tool">The tool to call; null for a raw message.</param>
/// <param name="Payload">The arguments, or the raw message: the JSON of an object.</param>
/// <param name="Timeout">How long the device may take to answer.</param>
/// <param name="Ttl">How long the command waits for its device; null for the configured time.</param>
/// <param name="Key">Of the operator for this command: with the same key it is the same command. Null for none.</param>
internal sealed record NewCommand(string DeviceId, string? Tool, byte[] Payload, TimeSpan Timeout, TimeSpan? Ttl, string? Key = null);
