using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>Writes the content of a message, which is a text, or pictures and a text.</summary>
internal static class PictureJson
{
    /// <summary>For chat completions: a picture is a data URI.</summary>
    public static void WriteOpenAi(Utf8JsonWriter json, ChatMessage message) => Write(json, message, static (json, picture) =>
    {
        json.WriteString("type"u8, "image_url"u8);
        json.WriteStartObject("image_url"u8);
        json.WriteString("url"u8, picture.Uri);
        json.WriteEndObject();
    });

    /// <summary>For the messages API: a picture is a block in base64.</summary>
    public static void WriteAnthropic(Utf8JsonWriter json, ChatMessage message) => Write(json, message, static (json, picture) =>
    {
        json.WriteString("type"u8, "image"u8);
        json.WriteStartObject("source"u8);
        json.WriteString("type"u8, "base64"u8);
        json.WriteString("media_type"u8, picture.MediaType);
        json.WriteBase64String("data"u8, picture.Data.Span);
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, ChatMessage message, Action<Utf8JsonWriter, DataContent> writePicture)
    {
        if (!message.Contents.Any(static content => content is DataContent))
        {
            json.WriteString("content"u8, message.Text);
            return;
        }

        json.WriteStartArray("content"u8);
        foreach (AIContent content in message.Contents)
        {
            switch (content)
            {
                case DataContent picture:
                    json.WriteStartObject();
                    writePicture(json, picture);
                    json.WriteEndObject();
                    break;
                case TextContent text:
                    json.WriteStartObject();
                    json.WriteString("type"u8, "text"u8);
                    json.WriteString("text"u8, text.Text);
                    json.WriteEndObject();
                    break;
            }
        }

        json.WriteEndArray();
    }
}
