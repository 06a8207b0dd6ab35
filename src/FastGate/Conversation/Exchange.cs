namespace FastGate.Conversation;

/// <summary>One question and its answer.</summary>
internal sealed record Exchange(DateTimeOffset At, string User, string Assistant);
