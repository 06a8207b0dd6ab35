using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>
/// Reads Coze's events: deltas of type <c>answer</c>, <c>conversation.chat.completed</c>, <c>conversation.chat.failed</c> and <c>error</c>. Whole messages,
/// follow-up questions and verbose messages are skipped.
/// </summary>
internal sealed class CozeReplyReader(Action<string> setConversation) : IReplyReader
{
    private readonly SurrogateJoiner _text = new();

    public bool IsComplete { get; private set; }

    public bool IsOver => IsComplete;

    public void ReadMark(string mark)
    {
    }

    public void Read(string eventType, JsonElement data, ChatResponseUpdate update)
    {
        if (ReplyJson.Text(data, "conversation_id") is { Length: > 0 } conversation)
        {
            setConversation(conversation);
        }

        switch (eventType)
        {
            case "conversation.message.delta" when ReplyJson.Text(data, "type") is null or "answer":
                ReplyJson.AddWords(update, _text.Append(ReplyJson.Text(data, "content") ?? ""));
                break;
            case "conversation.chat.completed":
                JsonElement? usage = ReplyJson.Member(data, "usage");
                ReplyJson.AddUsage(update, ReplyJson.Count(usage, "input_count"), ReplyJson.Count(usage, "output_count"));
                IsComplete = true;
                break;
            case "conversation.chat.failed":
                throw ReplyErrors.Create(ReplyErrors.Message(ReplyJson.Member(data, "last_error")) ?? "the chat failed");
            default:
                // A refusal with status 200 has no event type: {"code":4000,"msg":"..."}.
                ReplyErrors.ThrowIfError(eventType, data, isReply: eventType != "message");
                break;
        }
    }

    public void Finish(ChatResponseUpdate update) => ReplyJson.AddWords(update, _text.End());
}
