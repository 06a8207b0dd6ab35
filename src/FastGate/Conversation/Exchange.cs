namespace FastGate.Conversation;

/// <summary>The user's words of one turn and the reply to them.</summary>
internal sealed record Exchange(DateTimeOffset At, string User, string Assistant);
