using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>Writes messages and tools of a request to the messages API.</summary>
internal static class AnthropicMessages
{
    public static void Write(Utf8JsonWriter json, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        bool hasTools = ToolJson.Functions(options).Any();
        List<ChatMessage> all = hasTools ? [.. messages] : ToolJson.WithoutTools(messages);

        // System messages go into a field of their own.
        string system = string.Join("\n\n", all.Where(static message => message.Role == ChatRole.System).Select(static message => message.Text));
        if (system.Length > 0)
        {
            json.WriteString("system"u8, system);
        }

        json.WriteStartArray("messages"u8);
        foreach (ChatMessage message in all.Where(static message => message.Role != ChatRole.System))
        {
            json.WriteStartObject();
            json.WriteString("role"u8, message.Role == ChatRole.Assistant ? "assistant"u8 : "user"u8);
            if (message.Contents.Any(static content => content is FunctionCallContent or FunctionResultContent))
            {
                WriteBlocks(json, message);
            }
            else
            {
                PictureJson.WriteAnthropic(json, message);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (hasTools)
        {
            WriteTools(json, options);
        }
    }

    private static void WriteBlocks(Utf8JsonWriter json, ChatMessage message)
    {
        json.WriteStartArray("content"u8);
        if (message.Text is { } text && !string.IsNullOrWhiteSpace(text))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "text"u8);
            json.WriteString("text"u8, text.TrimEnd());
            json.WriteEndObject();
        }

        foreach (AIContent content in message.Contents)
        {
            if (content is FunctionCallContent call)
            {
                json.WriteStartObject();
                json.WriteString("type"u8, "tool_use"u8);
                json.WriteString("id"u8, Id(call.CallId));
                json.WriteString("name"u8, call.Name);
                json.WritePropertyName("input"u8);
                ToolJson.WriteArguments(json, call);
                json.WriteEndObject();
            }
            else if (content is FunctionResultContent result)
            {
                json.WriteStartObject();
                json.WriteString("type"u8, "tool_result"u8);
                json.WriteString("tool_use_id"u8, Id(result.CallId));
                json.WriteString("content"u8, ToolJson.Text(result));
                if (result.Exception is not null)
                {
                    json.WriteBoolean("is_error"u8, true);
                }

                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private static void WriteTools(Utf8JsonWriter json, ChatOptions? options)
    {
        json.WriteStartArray("tools"u8);
        foreach (AIFunctionDeclaration tool in ToolJson.Functions(options))
        {
            json.WriteStartObject();
            json.WriteString("name"u8, tool.Name);
            json.WriteString("description"u8, tool.Description);
            json.WritePropertyName("input_schema"u8);
            ToolJson.WriteSchema(json, tool.JsonSchema);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The API refuses other characters, which the ids of another provider may contain.</summary>
    private static string Id(string id) => string.Concat(id.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
}
