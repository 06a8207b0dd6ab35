using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FastGate.Http.Health;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Ota;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OtaReply))]
[JsonSerializable(typeof(OtaRefusal))]
[JsonSerializable(typeof(HealthReply))]
internal sealed partial class OtaJson : JsonSerializerContext
{
    /// <summary>Leaves <c>+</c> and <c>&amp;</c> as they are: the readers are devices and shells, never a page.</summary>
    private static readonly JsonWriterOptions s_writer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>With a length: not every modem's HTTP client reads chunks.</summary>
    public static async Task ReplyAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body, s_writer))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
    }
}
