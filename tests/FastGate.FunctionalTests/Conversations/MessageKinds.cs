using System.Text.Json.Nodes;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>Short names of messages: <c>stt</c>, <c>tts stop</c>, <c>pong</c>.</summary>
internal static class MessageKinds
{
    public const string Stop = "tts stop";

    public static string Kind(this JsonObject message) => $"{message["type"]} {message["state"]}".Trim();

    public static string? Text(this JsonObject message) => (string?)message["text"];

    public static IEnumerable<string> Sentences(this IEnumerable<JsonObject> messages) =>
        messages.Where(static message => message.Kind() == "tts sentence_start").Select(static message => message.Text()!);

    public static string[] Kinds(this IEnumerable<JsonObject> messages) => [.. messages.Select(Kind)];
}
