namespace FastGate.Commands;

/// <summary>Commands of a device, newest first.</summary>
internal sealed record CommandPage(CommandRefusal Refusal, int Total, IReadOnlyList<StoredCommand> Commands, bool More, string? Detail = null);
