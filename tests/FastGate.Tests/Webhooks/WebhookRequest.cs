using System.Text.Json;

namespace FastGate.Tests.Webhooks;

/// <summary>One request as a receiver gets it.</summary>
internal sealed record WebhookRequest(string Url, string Id, string Timestamp, string Signature, byte[] Body, JsonElement Json)
{
    public IReadOnlyList<JsonElement> Events => [.. Json.GetProperty("events").EnumerateArray()];

    public IEnumerable<long> Numbers => Events.Select(static item => item.GetProperty("number").GetInt64());
}
