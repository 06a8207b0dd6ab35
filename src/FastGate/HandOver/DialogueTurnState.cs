namespace FastGate.HandOver;

/// <summary>One exchange of a dialogue that no store keeps.</summary>
internal sealed record DialogueTurnState(string User, string Assistant);
