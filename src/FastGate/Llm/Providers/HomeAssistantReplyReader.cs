using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>Reads <c>response.speech.plain.speech</c> of Home Assistant's answer.</summary>
internal sealed class HomeAssistantReplyReader(Action<string> setConversation) : IReplyReader
{
    public bool IsComplete { get; private set; }

    public bool IsOver => IsComplete;

    public void ReadMark(string mark)
    {
    }

    public void Read(string eventType, JsonElement data, ChatResponseUpdate update)
    {
        ReplyErrors.ThrowIfError(eventType, data, isReply: ReplyJson.Object(data, "response") is not null);
        if (ReplyJson.Text(data, "conversation_id") is { Length: > 0 } conversation)
        {
            setConversation(conversation);
        }

        JsonElement? speech = ReplyJson.Member(ReplyJson.Member(ReplyJson.Member(data, "response"), "speech"), "plain");
        if (ReplyJson.Text(speech, "speech") is { } words)
        {
            ReplyJson.AddWords(update, new SurrogateJoiner().Append(words));
            IsComplete = true;
        }
    }

    public void Finish(ChatResponseUpdate update)
    {
    }
}
