namespace FastGate.Conversation;

/// <summary>How a call ended, after whatever was tried.</summary>
internal readonly record struct LlmCallResult(LlmFailure Failure, string Alias)
{
    public bool Succeeded => Failure == LlmFailure.None;
}
