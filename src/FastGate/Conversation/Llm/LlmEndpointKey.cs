namespace FastGate.Conversation;

/// <summary>Which model of which server.</summary>
internal readonly record struct LlmEndpointKey(LlmServerKey Server, string? Model);
