using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Server;

/// <summary>Writes a JSON response.</summary>
internal static class JsonReply
{
    public const string ContentType = "application/json; charset=utf-8";

    /// <summary>Chinese text, <c>+</c> and <c>&amp;</c> stay readable. Quotes and control characters are still escaped.</summary>
    private static readonly JsonWriterOptions s_writer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Sends a Content-Length: the HTTP clients of some modems cannot read chunks.</summary>
    public static async Task WriteAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type)
    {
        ReadOnlyMemory<byte> body = Serialize(value, type);
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    public static ReadOnlyMemory<byte> Serialize<T>(T value, JsonTypeInfo<T> type)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body, s_writer))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
