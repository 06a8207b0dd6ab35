using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace FastGate.Testing.Conversation;

/// <summary>A request to a fake LLM server.</summary>
internal sealed record FakeLlmRequest(string Path, string? Credential, JsonElement Body)
{
    /// <summary>The user's last words.</summary>
    public string LastUser => Texts("user").LastOrDefault() ?? string.Empty;

    public IEnumerable<string> Texts(string role) => Body.GetProperty("messages").EnumerateArray()
        .Where(message => message.GetProperty("role").GetString() == role)
        .Select(static message => TextOf(message.GetProperty("content")));

    public static FakeLlmRequest Read(HttpContext context, JsonElement body) => new(
        context.Request.Path, context.Request.Headers["x-api-key"].FirstOrDefault() ?? context.Request.Headers.Authorization.FirstOrDefault(), body.Clone());

    /// <summary>Empty for tool calls without words.</summary>
    private static string TextOf(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.String => content.GetString()!,
        JsonValueKind.Array => string.Concat(content.EnumerateArray().Select(
            static part => part.TryGetProperty("text", out JsonElement text) ? text.GetString() : null)),
        _ => string.Empty,
    };
}
