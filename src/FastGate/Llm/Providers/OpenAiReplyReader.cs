using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>
/// Reads the chunks of an OpenAI-compatible server: <c>choices[0].delta.content</c>, <c>delta.tool_calls</c>, <c>finish_reason</c>, <c>usage</c> and
/// <c>error</c>. Everything else may be absent, null or of another type. Of reasoning only <c>reasoning_content</c> is kept, and only where tools were
/// offered: DeepSeek refuses the results of a call without it.
/// </summary>
internal sealed class OpenAiReplyReader(bool offersTools = false) : IReplyReader
{
    /// <summary>Characters of reasoning that are kept for the next round.</summary>
    private const int MaxReasoning = 256 * 1024;

    private const string Done = "[DONE]";

    /// <summary>Reasons with which a server ends a reply that it could not finish.</summary>
    private static readonly string[] s_failures = ["error", "abort", "network_error", "insufficient_system_resource"];

    private readonly SurrogateJoiner _text = new();
    private readonly ToolCallAssembler _tools = new();
    private readonly StringBuilder? _reasoning = offersTools ? new StringBuilder() : null;
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
        var chunk = OpenAiChunk.Of(data);
        JsonElement? choice = Choice(chunk.Choices, out bool hasChoices);
        if (!hasChoices || eventType == "error" || chunk.Error is not null)
        {
            ReplyErrors.ThrowIfError(eventType, data, isReply: hasChoices || chunk.Message is { ValueKind: JsonValueKind.Object });
        }

        var parts = OpenAiChunk.Of(choice);
        if (parts.Error is not null && choice is { } failed)
        {
            ReplyErrors.ThrowIfError("", failed, isReply: true);
        }

        // A server that does not stream sends "message" in place of "delta"; Ollama's own format has "message" at the top.
        JsonElement? delta = parts.Delta is { ValueKind: JsonValueKind.Object } ? parts.Delta : null;
        _sawDelta |= delta is not null;
        delta ??= _sawDelta ? null : parts.Message ?? chunk.Message;
        var fields = OpenAiChunk.Of(delta);
        string? words = ReplyJson.Words(fields.Content) ?? ReplyJson.Text(parts.Text) ?? ReplyJson.Text(chunk.Response);
        ReplyJson.AddWords(update, _text.Append(words ?? ""));
        ReadTools(fields.ToolCalls);
        if (_reasoning is { Length: < MaxReasoning })
        {
            _reasoning.Append(ReplyJson.Text(fields.Reasoning));
        }

        if (fields.FunctionCall is { } call)
        {
            _tools.Add(index: null, id: null, ReplyJson.Text(call, "name"), ReplyJson.Text(call, "arguments"));
        }

        ReadUsage(chunk.Usage ?? parts.Usage ?? ReplyJson.Member(chunk.Groq, "usage"), update);
        if (chunk.Done is { ValueKind: JsonValueKind.True })
        {
            ReplyJson.AddUsage(update, ReplyJson.Count(data, "prompt_eval_count"), ReplyJson.Count(data, "eval_count"));
            End(ReplyJson.Text(data, "done_reason") ?? "stop", update);
        }

        End(ReplyJson.Text(parts.FinishReason) ?? ReplyJson.Text(parts.FinishReason, "type"), update);
    }

    public void Finish(ChatResponseUpdate update)
    {
        ReplyJson.AddWords(update, _text.End());
        bool isFirst = true;
        foreach (FunctionCallContent call in _tools.Complete())
        {
            if (isFirst && _reasoning is { Length: > 0 })
            {
                OpenAiMessages.KeepReasoning(call, _reasoning.ToString());
            }

            isFirst = false;
            update.Contents.Add(call);
        }
    }

    /// <summary>The choice of the alternative that spoke first. A choice without a legible index belongs to it.</summary>
    private JsonElement? Choice(JsonElement? choices, out bool hasChoices)
    {
        hasChoices = false;
        if (choices is { ValueKind: JsonValueKind.Array } list)
        {
            foreach (JsonElement choice in list.EnumerateArray())
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
        }

        hasChoices |= choices is { ValueKind: JsonValueKind.Object };
        return choices is { ValueKind: JsonValueKind.Object } ? choices : null;
    }

    private void ReadTools(JsonElement? calls)
    {
        foreach (JsonElement call in ReplyJson.Items(calls))
        {
            JsonElement? function = ReplyJson.Member(call, "function");
            JsonElement? arguments = ReplyJson.Member(function, "arguments");
            _tools.Add(
                ReplyJson.Count(call, "index"),
                ReplyJson.Text(call, "id"),
                ReplyJson.Text(function, "name"),
                arguments is { ValueKind: JsonValueKind.Object } whole ? ReplyJson.Raw(whole) : ReplyJson.Text(arguments),
                ReplyJson.Object(call, "extra_content") is { } extra ? ReplyJson.Raw(extra) : null);
        }
    }

    private static void ReadUsage(JsonElement? usage, ChatResponseUpdate update)
    {
        if (usage is not null)
        {
            ReplyJson.AddUsage(update, ReplyJson.Count(usage, "prompt_tokens"), ReplyJson.Count(usage, "completion_tokens"));
        }
    }

    /// <summary>Any text but an empty one and "null", which some servers send with every chunk, ends the reply. Usage may follow.</summary>
    private void End(string? reason, ChatResponseUpdate update)
    {
        if (reason is null or "" or "null")
        {
            return;
        }

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
