namespace FastGate.Testing.Conversation;

/// <summary>What a fake LLM server does after its tokens.</summary>
internal enum LlmReplyEnd
{
    Proper,
    WithoutMark,
    Abort,
    Silence,
    Never,
    NoStatus,
}
