using System.Text.Json.Serialization;

namespace FastGate.Http.Vision;

/// <summary>What a device passes on as the result of its camera's tool.</summary>
/// <param name="Success">Whether there is a response.</param>
/// <param name="Action">Always RESPONSE beside a response; the old server's name for "tell the user".</param>
/// <param name="Response">What the picture shows.</param>
/// <param name="Message">Why there is no response.</param>
internal sealed record VisionReply(bool Success, string? Action = null, string? Response = null, string? Message = null)
{
    public static VisionReply Of(string response) => new(true, "RESPONSE", response);

    public static VisionReply Failed(string message) => new(false, Message: message);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VisionReply))]
internal sealed partial class VisionJson : JsonSerializerContext;
