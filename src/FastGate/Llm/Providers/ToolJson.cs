using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>Writes what the protocols share about tools: schemas, arguments and results.</summary>
internal static class ToolJson
{
    public static IEnumerable<AIFunctionDeclaration> Functions(ChatOptions? options) => options?.Tools?.OfType<AIFunctionDeclaration>() ?? [];

    /// <summary>
    /// The schema of the arguments. Providers refuse one that is no object, or an object without properties. Its JSON is copied as it is: a schema
    /// comes from a device, and reading one that is malformed would fail the call of a provider.
    /// </summary>
    public static void WriteSchema(Utf8JsonWriter json, JsonElement schema)
    {
        var copy = new ArrayBufferWriter<byte>(256);
        copy.Write("{\"type\":\"object\""u8);
        bool hasProperties = false;
        if (schema.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in schema.EnumerateObject())
            {
                ReadOnlySpan<byte> name = JsonMarshal.GetRawUtf8PropertyName(property);
                bool isProperties = name.SequenceEqual("properties"u8);
                if (name.SequenceEqual("type"u8) || name.SequenceEqual("$schema"u8) || (isProperties && property.Value.ValueKind != JsonValueKind.Object))
                {
                    continue;
                }

                hasProperties |= isProperties;
                copy.Write(",\""u8);
                copy.Write(name);
                copy.Write("\":"u8);
                copy.Write(JsonMarshal.GetRawUtf8Value(property.Value));
            }
        }

        copy.Write(hasProperties ? "}"u8 : ",\"properties\":{}}"u8);
        json.WriteRawValue(copy.WrittenSpan, skipInputValidation: true);
    }

    /// <summary>The arguments of a call as an object; an empty one where they were not legible.</summary>
    public static void WriteArguments(Utf8JsonWriter json, FunctionCallContent call)
    {
        json.WriteStartObject();
        foreach ((string name, object? value) in call.Arguments ?? new Dictionary<string, object?>())
        {
            json.WritePropertyName(name);
            if (value is JsonElement element)
            {
                json.WriteRawValue(JsonMarshal.GetRawUtf8Value(element), skipInputValidation: true);
            }
            else if (value is null)
            {
                json.WriteNullValue();
            }
            else
            {
                json.WriteStringValue(value.ToString());
            }
        }

        json.WriteEndObject();
    }

    public static string Text(FunctionResultContent result) => result.Result?.ToString() ?? "";

    /// <summary>
    /// The messages for a request without tools. Servers refuse calls and results in it, so both become words; user and assistant still alternate.
    /// </summary>
    public static List<ChatMessage> WithoutTools(IEnumerable<ChatMessage> messages)
    {
        var plain = new List<ChatMessage>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (ChatMessage message in messages)
        {
            FunctionCallContent[] calls = [.. message.Contents.OfType<FunctionCallContent>()];
            FunctionResultContent[] results = [.. message.Contents.OfType<FunctionResultContent>()];
            if (calls.Length > 0)
            {
                foreach (FunctionCallContent call in calls)
                {
                    names[call.CallId] = call.Name;
                }

                string called = string.Join(", ", calls.Select(static call => call.Name));
                plain.Add(new ChatMessage(ChatRole.Assistant, string.IsNullOrWhiteSpace(message.Text) ? $"({called})" : message.Text));
            }
            else if (results.Length > 0)
            {
                plain.Add(new ChatMessage(
                    ChatRole.User, string.Join('\n', results.Select(result => $"({names.GetValueOrDefault(result.CallId)}: {Text(result)})"))));
            }
            else
            {
                plain.Add(message);
            }
        }

        return plain;
    }
}
