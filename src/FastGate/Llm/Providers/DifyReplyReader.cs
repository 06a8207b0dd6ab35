using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>Reads Dify's events: <c>message</c>, <c>agent_message</c>, <c>message_end</c> and <c>error</c>. Workflow events, thoughts and pings are skipped.</summary>
internal sealed class DifyReplyReader(Action<string> setConversation) : IReplyReader
{
    private readonly SurrogateJoiner _text = new();

    public bool IsComplete { get; private set; }

    public bool IsOver => IsComplete;

    public void ReadMark(string mark)
    {
    }

    public void Read(string eventType, JsonElement data, ChatResponseUpdate update)
    {
        string? kind = ReplyJson.Text(data, "event");
        ReplyErrors.ThrowIfError(kind ?? eventType, data, isReply: kind is not null || ReplyJson.Text(data, "answer") is not null);
        if (ReplyJson.Text(data, "conversation_id") is { Length: > 0 } conversation)
        {
            setConversation(conversation);
        }

        switch (kind)
        {
            case "message" or "agent_message":
                AddWords(data, update);
                break;
            case "message_end":
                JsonElement? usage = ReplyJson.Member(ReplyJson.Member(data, "metadata"), "usage");
                ReplyJson.AddUsage(update, ReplyJson.Count(usage, "prompt_tokens"), ReplyJson.Count(usage, "completion_tokens"));
                IsComplete = true;
                break;
            case null when ReplyJson.Text(data, "answer") is not null:
                // A blocking reply: one object without events.
                AddWords(data, update);
                IsComplete = true;
                break;
            default:
                break;
        }
    }

    public void Finish(ChatResponseUpdate update) => ReplyJson.AddWords(update, _text.End());

    private void AddWords(JsonElement data, ChatResponseUpdate update) => ReplyJson.AddWords(update, _text.Append(ReplyJson.Text(data, "answer") ?? ""));
}
