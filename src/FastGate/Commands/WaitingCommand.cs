namespace FastGate.Commands;

/// <summary>A command that has not ended, and where it waits. Owned by the worker.</summary>
internal sealed record WaitingCommand(StoredCommand Command, DeviceQueue Queue);
