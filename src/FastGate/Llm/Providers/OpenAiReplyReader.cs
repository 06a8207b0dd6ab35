using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>
/// Reads the chunks of an OpenAI-compatible server: <c>choices[0].delta.content</c>, <c>delta.tool_calls</c>, <c>finish_reason</c>, <c>usage</c> and
/// <c>error</c>. Everything else may be absent, null or of another type; the fields that carry reasoning are not read.
/// </summary>
internal sealed class OpenAiReplyReader : IReplyReader
{
    private const string Done = "[DONE]";

    private readonly SurrogateJoiner _text = new();
    private readonly ToolCallAssembler _tools = new();
    private bool _done;

    public bool IsComplete { get; private set; }

    public bool IsOver => _done;

    public void ReadMark(string mark)
    {
        if (mark.StartsWith(Done, StringComparison.OrdinalIgnoreCase))
        {
            IsComplete = true;
            _done = true;
        }
    }

    public void Read(string eventType, JsonElement data, ChatResponseUpdate update)
    {
        ReplyErrors.ThrowIfError(eventType, data);
        JsonElement? choice = ReplyJson.First(ReplyJson.Member(data, "choices"));

        // A server that does not stream sends "message" in place of "delta"; Ollama's own format has "message" at the top.
        JsonElement? delta = ReplyJson.Member(choice, "delta") ?? ReplyJson.Member(choice, "message") ?? ReplyJson.Member(data, "message");
        string? words = ReplyJson.Words(ReplyJson.Member(delta, "content")) ?? ReplyJson.Text(choice, "text");
        ReplyJson.AddWords(update, _text.Append(words ?? ""));
        ReadTools(delta);
        JsonElement? usage = ReplyJson.Member(data, "usage");
        ReplyJson.AddUsage(update, ReplyJson.Count(usage, "prompt_tokens"), ReplyJson.Count(usage, "completion_tokens"));
        ReadEnd(choice, data, update);
    }

    public void Finish(ChatResponseUpdate update)
    {
        ReplyJson.AddWords(update, _text.End());
        foreach (FunctionCallContent call in _tools.Complete())
        {
            update.Contents.Add(call);
        }
    }

    private void ReadTools(JsonElement? delta)
    {
        foreach (JsonElement call in ReplyJson.Items(ReplyJson.Member(delta, "tool_calls")))
        {
            JsonElement? function = ReplyJson.Member(call, "function");
            JsonElement? arguments = ReplyJson.Member(function, "arguments");
            _tools.Add(
                ReplyJson.Count(call, "index"),
                ReplyJson.Text(call, "id"),
                ReplyJson.Text(function, "name"),
                arguments is { ValueKind: JsonValueKind.Object } whole ? whole.GetRawText() : ReplyJson.Text(arguments));
        }
    }

    /// <summary>Any text but an empty one and "null", which some servers send with every chunk, ends the reply. Usage may follow.</summary>
    private void ReadEnd(JsonElement? choice, JsonElement data, ChatResponseUpdate update)
    {
        string? reason = ReplyJson.Text(choice, "finish_reason");
        if (reason is null && ReplyJson.Member(data, "done") is { ValueKind: JsonValueKind.True })
        {
            reason = ReplyJson.Text(data, "done_reason") ?? "stop";
        }

        if (reason is { Length: > 0 } and not "null")
        {
            IsComplete = true;
            update.FinishReason = reason switch
            {
                "length" => ChatFinishReason.Length,
                "content_filter" => ChatFinishReason.ContentFilter,
                "tool_calls" or "function_call" => ChatFinishReason.ToolCalls,
                _ => ChatFinishReason.Stop,
            };
        }
    }
}
