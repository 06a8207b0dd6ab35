using System.Runtime.InteropServices;
using System.Text.Json;

namespace FastGate.Llm.Providers;

/// <summary>
/// The fields that are needed of a chunk, of its choice, or of its delta, found in one pass. A field that is absent or null is null. Names are
/// compared as written, and of repeated ones the last counts, as in <see cref="ReplyJson.Member"/>.
/// </summary>
internal struct OpenAiChunk
{
    public JsonElement? Choices { get; private set; }
    public JsonElement? Error { get; private set; }
    public JsonElement? Usage { get; private set; }
    public JsonElement? Message { get; private set; }
    public JsonElement? Response { get; private set; }
    public JsonElement? Done { get; private set; }
    public JsonElement? Groq { get; private set; }
    public JsonElement? Delta { get; private set; }
    public JsonElement? Text { get; private set; }
    public JsonElement? FinishReason { get; private set; }
    public JsonElement? Content { get; private set; }
    public JsonElement? Reasoning { get; private set; }
    public JsonElement? ToolCalls { get; private set; }
    public JsonElement? FunctionCall { get; private set; }

    public static OpenAiChunk Of(JsonElement? element)
    {
        var chunk = default(OpenAiChunk);
        if (element is { ValueKind: JsonValueKind.Object } parent)
        {
            foreach (JsonProperty property in parent.EnumerateObject())
            {
                chunk.Set(JsonMarshal.GetRawUtf8PropertyName(property), property.Value);
            }
        }

        return chunk;
    }

    private void Set(ReadOnlySpan<byte> name, JsonElement element)
    {
        JsonElement? value = element.ValueKind == JsonValueKind.Null ? null : element;
        if (name.SequenceEqual("choices"u8))
        {
            Choices = value;
        }
        else if (name.SequenceEqual("error"u8))
        {
            Error = value;
        }
        else if (name.SequenceEqual("usage"u8))
        {
            Usage = element.ValueKind == JsonValueKind.Object ? value : null;
        }
        else if (name.SequenceEqual("message"u8))
        {
            Message = element.ValueKind == JsonValueKind.Object ? value : null;
        }
        else if (name.SequenceEqual("response"u8))
        {
            Response = value;
        }
        else if (name.SequenceEqual("done"u8))
        {
            Done = value;
        }
        else if (name.SequenceEqual("x_groq"u8))
        {
            Groq = value;
        }
        else if (name.SequenceEqual("delta"u8))
        {
            Delta = value;
        }
        else if (name.SequenceEqual("text"u8))
        {
            Text = value;
        }
        else if (name.SequenceEqual("finish_reason"u8))
        {
            FinishReason = value;
        }
        else if (name.SequenceEqual("content"u8))
        {
            Content = value;
        }
        else if (name.SequenceEqual("reasoning_content"u8))
        {
            Reasoning = value;
        }
        else if (name.SequenceEqual("tool_calls"u8))
        {
            ToolCalls = value;
        }
        else if (name.SequenceEqual("function_call"u8))
        {
            FunctionCall = value;
        }
    }
}
