namespace FastGate.Commands;

/// <summary>The answer to a request about one command: the command, or why it is refused.</summary>
internal sealed record CommandAnswer(CommandRefusal Refusal, StoredCommand? Command = null, string? Detail = null);
