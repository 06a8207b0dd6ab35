using FastGate.Llm.Failures;

namespace FastGate.Llm.Calls;

/// <summary>How a call ended, after whatever was tried, and who answered last.</summary>
internal readonly record struct LlmCallResult(LlmFailure Failure, string Alias, bool IsEcho)
{
    public bool Succeeded => Failure == LlmFailure.None;
}
