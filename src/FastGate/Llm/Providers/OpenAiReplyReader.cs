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

    /// <summary>Reasons with which a server ends a reply that it could not finish.</summary>
    private static readonly string[] s_failures = ["error", "abort", "network_error", "insufficient_system_resource"];

    private readonly SurrogateJoiner _text = new();
    private readonly ToolCallAssembler _tools = new();
    private long? _index;
    private bool _sawDelta;
    private bool _done;

    public bool IsComplete { get; private set; }

    public bool IsOver => _done;

    public void ReadMark(string mark)
    {
        if (mark.AsSpan().TrimStart('"').StartsWith(Done, StringComparison.OrdinalIgnoreCase))
        {
            IsComplete = true;
            _done = true;
        }
    }

    public void Read(string eventType, JsonElement data, ChatResponseUpdate update)
    {
        JsonElement? choice = Choice(ReplyJson.Member(data, "choices"), out bool hasChoices);
        JsonElement? message = ReplyJson.Object(data, "message");
        ReplyErrors.ThrowIfError(eventType, data, isReply: hasChoices || message is not null);
        if (choice is { } errors)
        {
            ReplyErrors.ThrowIfError("", errors, isReply: true);
        }

        // A server that does not stream sends "message" in place of "delta"; Ollama's own format has "message" at the top.
        JsonElement? delta = ReplyJson.Object(choice, "delta");
        _sawDelta |= delta is not null;
        delta ??= _sawDelta ? null : ReplyJson.Object(choice, "message") ?? message;
        string? words = ReplyJson.Words(ReplyJson.Member(delta, "content")) ?? ReplyJson.Text(choice, "text") ?? ReplyJson.Text(data, "response");
        ReplyJson.AddWords(update, _text.Append(words ?? ""));
        ReadTools(delta);
        JsonElement? usage = ReplyJson.Object(data, "usage") ?? ReplyJson.Object(choice, "usage") ?? ReplyJson.Object(ReplyJson.Member(data, "x_groq"), "usage") ?? data;
        ReplyJson.AddUsage(
            update,
            ReplyJson.Count(usage, "prompt_tokens") ?? ReplyJson.Count(usage, "prompt_eval_count"),
            ReplyJson.Count(usage, "completion_tokens") ?? ReplyJson.Count(usage, "eval_count"));
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

    /// <summary>The choice of the alternative that spoke first. A choice without a legible index belongs to it.</summary>
    private JsonElement? Choice(JsonElement? choices, out bool hasChoices)
    {
        hasChoices = false;
        foreach (JsonElement choice in ReplyJson.Items(choices))
        {
            if (choice.ValueKind == JsonValueKind.Object)
            {
                hasChoices = true;
                long? index = ReplyJson.Count(choice, "index");
                _index ??= index;
                if (index is null || index == _index)
                {
                    return choice;
                }
            }
        }

        return null;
    }

    private void ReadTools(JsonElement? delta)
    {
        if (ReplyJson.Object(delta, "function_call") is { } old)
        {
            _tools.Add(index: null, id: null, ReplyJson.Text(old, "name"), ReplyJson.Text(old, "arguments"));
        }

        foreach (JsonElement call in ReplyJson.Items(ReplyJson.Member(delta, "tool_calls")))
        {
            JsonElement? function = ReplyJson.Member(call, "function");
            JsonElement? arguments = ReplyJson.Member(function, "arguments");
            _tools.Add(
                ReplyJson.Count(call, "index"),
                ReplyJson.Text(call, "id"),
                ReplyJson.Text(function, "name"),
                arguments is { ValueKind: JsonValueKind.Object } whole ? ReplyJson.Raw(whole) : ReplyJson.Text(arguments));
        }
    }

    /// <summary>Any text but an empty one and "null", which some servers send with every chunk, ends the reply. Usage may follow.</summary>
    private void ReadEnd(JsonElement? choice, JsonElement data, ChatResponseUpdate update)
    {
        string? reason = ReplyJson.Text(choice, "finish_reason") ?? ReplyJson.Text(ReplyJson.Member(choice, "finish_reason"), "type");
        if (reason is null && ReplyJson.Member(data, "done") is { ValueKind: JsonValueKind.True })
        {
            reason = ReplyJson.Text(data, "done_reason") ?? "stop";
        }

        if (reason is { Length: > 0 } and not "null")
        {
            if (Array.IndexOf(s_failures, reason) >= 0)
            {
                throw ReplyErrors.Create($"the reply ended with finish_reason {reason}");
            }

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
