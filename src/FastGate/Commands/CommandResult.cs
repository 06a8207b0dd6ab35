namespace FastGate.Commands;

/// <summary>How a device took a command: <see cref="CommandState.Queued"/> when it was not sent and may be tried again.</summary>
internal readonly record struct CommandResult(CommandState State, string? Result = null, string? Reason = null);
