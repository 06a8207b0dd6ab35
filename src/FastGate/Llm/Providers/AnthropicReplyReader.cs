using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>
/// Reads the events of Anthropic's messages stream: <c>content_block_start</c>, <c>content_block_delta</c>, <c>message_start</c>, <c>message_delta</c>,
/// <c>message_stop</c> and <c>error</c>. Pings, thinking and unknown types are skipped.
/// </summary>
internal sealed class AnthropicReplyReader : IReplyReader
{
    private readonly SurrogateJoiner _text = new();
    private readonly ToolCallAssembler _tools = new();
    private ChatFinishReason? _finish;

    public bool IsComplete { get; private set; }

    public bool IsOver => IsComplete;

    public void ReadMark(string mark)
    {
    }

    public void Read(string eventType, JsonElement data, ChatResponseUpdate update)
    {
        string? type = ReplyJson.Text(data, "type");
        ReplyErrors.ThrowIfError(eventType, data, isReply: type is not (null or "error"));
        JsonElement? delta = ReplyJson.Member(data, "delta");
        switch (type ?? eventType)
        {
            case "message_start":
                ReadUsage(ReplyJson.Member(ReplyJson.Member(data, "message"), "usage"), update);
                break;
            case "content_block_start":
                JsonElement? block = ReplyJson.Member(data, "content_block");
                Add(ReplyJson.Text(block, "type") is null or "text" ? ReplyJson.Text(block, "text") : null, update);
                if (ReplyJson.Text(block, "type") == "tool_use")
                {
                    _tools.Add(ReplyJson.Count(data, "index"), ReplyJson.Text(block, "id"), ReplyJson.Text(block, "name"), arguments: null);
                }

                break;
            case "content_block_delta":
                Add(ReplyJson.Text(delta, "type") is null or "text_delta" ? ReplyJson.Text(delta, "text") : null, update);
                if (ReplyJson.Text(delta, "partial_json") is { } arguments)
                {
                    _tools.Add(ReplyJson.Count(data, "index"), id: null, name: null, arguments);
                }

                break;
            case "message_delta":
                ReadUsage(ReplyJson.Member(data, "usage"), update);
                _finish = ReplyJson.Text(delta, "stop_reason") switch
                {
                    null => _finish,
                    "max_tokens" => ChatFinishReason.Length,
                    "tool_use" => ChatFinishReason.ToolCalls,
                    "refusal" => ChatFinishReason.ContentFilter,
                    _ => ChatFinishReason.Stop,
                };
                break;
            case "message_stop":
                update.FinishReason = _finish;
                IsComplete = true;
                break;
            case "message":
                ReadWhole(data, update);
                break;
            default:
                break;
        }
    }

    public void Finish(ChatResponseUpdate update)
    {
        ReplyJson.AddWords(update, _text.End());
        foreach (FunctionCallContent call in _tools.Complete())
        {
            update.Contents.Add(call);
        }
    }

    private void Add(string? words, ChatResponseUpdate update) => ReplyJson.AddWords(update, _text.Append(words ?? ""));

    /// <summary>A reply that is not streamed.</summary>
    private void ReadWhole(JsonElement data, ChatResponseUpdate update)
    {
        if (ReplyJson.Member(data, "content") is { ValueKind: JsonValueKind.Array } content)
        {
            Add(ReplyJson.Words(content), update);
            foreach (JsonElement block in ReplyJson.Items(content).Where(static block => ReplyJson.Text(block, "type") == "tool_use"))
            {
                _tools.Add(
                    index: null, ReplyJson.Text(block, "id"), ReplyJson.Text(block, "name"),
                    ReplyJson.Object(block, "input") is { } input ? ReplyJson.Raw(input) : null);
            }

            ReadUsage(ReplyJson.Member(data, "usage"), update);
            IsComplete = true;
        }
    }

    private static void ReadUsage(JsonElement? usage, ChatResponseUpdate update) =>
        ReplyJson.AddUsage(update, ReplyJson.Count(usage, "input_tokens"), ReplyJson.Count(usage, "output_tokens"));
}
