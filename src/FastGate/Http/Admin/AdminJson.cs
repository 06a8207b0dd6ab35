using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(DevicePage))]
[JsonSerializable(typeof(DeviceReport))]
[JsonSerializable(typeof(HandshakePage))]
[JsonSerializable(typeof(LlmPage))]
[JsonSerializable(typeof(MemoryExport))]
[JsonSerializable(typeof(MemoryErasure))]
[JsonSerializable(typeof(AdminError))]
internal sealed partial class AdminJson : JsonSerializerContext
{
    /// <summary>Chinese stays readable. Quotes and control characters are escaped all the same, and the answer is declared to be no page.</summary>
    private static readonly JsonWriterOptions s_writer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task ReplyAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body, s_writer))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        await ReplyAsync(context, status, "application/json; charset=utf-8", body.GetBuffer().AsMemory(0, (int)body.Length));
    }

    public static Task ErrorAsync(HttpContext context, int status, string error) =>
        ReplyAsync(context, status, new AdminError(error), Default.AdminError);

    public static async Task ReplyAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
