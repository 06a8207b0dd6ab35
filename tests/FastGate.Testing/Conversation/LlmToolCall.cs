namespace FastGate.Testing.Conversation;

/// <summary>A call in the reply of a fake LLM server; the arguments are JSON.</summary>
internal sealed record LlmToolCall(string Name, string Arguments = "{}", string Id = "call_1");
