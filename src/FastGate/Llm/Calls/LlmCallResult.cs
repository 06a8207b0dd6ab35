using FastGate.Llm.Failures;

namespace FastGate.Llm.Calls;

/// <summary>How a call ended after all attempts, and the provider that answered last.</summary>
internal readonly record struct LlmCallResult(LlmFailure Failure, string Alias, bool IsEcho)
{
    public bool Succeeded => Failure == LlmFailure.None;
}
