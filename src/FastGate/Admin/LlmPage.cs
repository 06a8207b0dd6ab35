using FastGate.Conversation;

namespace FastGate.Admin;

/// <summary>What each purpose resolves to, and why.</summary>
internal sealed record LlmPage(IReadOnlyList<LlmExplanation> Purposes);
