namespace FastGate.Conversation;

/// <summary>One question and its answer.</summary>
internal sealed record DialogueTurn(DateTimeOffset At, string User, string Assistant);
