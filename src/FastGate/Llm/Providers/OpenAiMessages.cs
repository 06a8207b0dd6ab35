using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>Writes messages and tools of a chat completion.</summary>
internal static class OpenAiMessages
{
    private const string Reasoning = "reasoning_content";
    private const string Extra = "extra_content";

    /// <summary>The reasoning goes back with the calls of the same reply.</summary>
    public static void KeepReasoning(FunctionCallContent call, string reasoning) => (call.AdditionalProperties ??= [])[Reasoning] = reasoning;

    /// <summary>The JSON goes back with the call.</summary>
    public static void KeepExtra(FunctionCallContent call, string json) => (call.AdditionalProperties ??= [])[Extra] = json;

    public static void Write(Utf8JsonWriter json, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        bool hasTools = ToolJson.Functions(options).Any();
        json.WriteStartArray("messages"u8);
        foreach (ChatMessage message in hasTools ? messages : ToolJson.WithoutTools(messages))
        {
            if (message.Role == ChatRole.Tool)
            {
                WriteResults(json, message);
            }
            else
            {
                WriteMessage(json, message);
            }
        }

        json.WriteEndArray();
        if (hasTools)
        {
            WriteTools(json, options);
        }
    }

    private static void WriteMessage(Utf8JsonWriter json, ChatMessage message)
    {
        string text = message.Text;
        FunctionCallContent[] calls = [.. message.Contents.OfType<FunctionCallContent>()];
        json.WriteStartObject();
        json.WriteString("role"u8, message.Role.Value);

        // Some servers refuse an empty text beside calls; none refuses null there.
        if (calls.Length > 0 && text.Length == 0)
        {
            json.WriteNull("content"u8);
        }
        else
        {
            PictureJson.WriteOpenAi(json, message);
        }

        if (calls.Length > 0)
        {
            if (Kept(calls[0], Reasoning) is { } reasoning)
            {
                json.WriteString(Reasoning, reasoning);
            }

            json.WriteStartArray("tool_calls"u8);
            foreach (FunctionCallContent call in calls)
            {
                json.WriteStartObject();
                json.WriteString("id"u8, call.CallId);
                json.WriteString("type"u8, "function"u8);
                json.WriteStartObject("function"u8);
                json.WriteString("name"u8, call.Name);
                json.WriteString("arguments"u8, Arguments(call));
                json.WriteEndObject();
                if (Kept(call, Extra) is { } extra)
                {
                    json.WritePropertyName(Extra);
                    json.WriteRawValue(extra, skipInputValidation: true);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static string? Kept(FunctionCallContent call, string name) =>
        call.AdditionalProperties is { } kept && kept.TryGetValue(name, out object? value) ? value as string : null;

    /// <summary>Each result is a message of its own.</summary>
    private static void WriteResults(Utf8JsonWriter json, ChatMessage message)
    {
        foreach (FunctionResultContent result in message.Contents.OfType<FunctionResultContent>())
        {
            json.WriteStartObject();
            json.WriteString("role"u8, "tool"u8);
            json.WriteString("tool_call_id"u8, result.CallId);
            json.WriteString("content"u8, ToolJson.Text(result));
            json.WriteEndObject();
        }
    }

    private static void WriteTools(Utf8JsonWriter json, ChatOptions? options)
    {
        json.WriteStartArray("tools"u8);
        foreach (AIFunctionDeclaration tool in ToolJson.Functions(options))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, tool.Name);
            json.WriteString("description"u8, tool.Description);
            json.WritePropertyName("parameters"u8);
            ToolJson.WriteSchema(json, tool.JsonSchema);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Arguments(FunctionCallContent call)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, StreamingChatClient.Writer))
        {
            ToolJson.WriteArguments(json, call);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
