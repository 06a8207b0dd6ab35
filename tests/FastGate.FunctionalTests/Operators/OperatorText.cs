using System.Text.Json.Nodes;

namespace FastGate.FunctionalTests.Operators;

/// <summary>Documents as text that can be compared: what differs from run to run is masked, and so is the name of the road in ids.</summary>
internal static class OperatorText
{
    private static readonly string[] s_masked =
        ["at", "connectedAt", "createdAt", "endedAt", "expiresAt", "id", "requestId", "sentAt", "session_id", "startedAt", "until"];

    /// <param name="document">Null for an answer without content.</param>
    /// <param name="road">The part of ids that becomes ROAD.</param>
    /// <param name="masked">Further properties to mask.</param>
    public static string Of(JsonNode? document, string road, params string[] masked) =>
        document is null ? "none" : Masked(document, masked).ToJsonString().Replace($"-{road}", "-ROAD", StringComparison.Ordinal);

    /// <summary>The lines of a trace: direction, kind, type of the message and detail.</summary>
    public static string OfTrace(IEnumerable<string> lines, string road) => string.Join('\n', lines.Select(line =>
    {
        JsonNode parsed = JsonNode.Parse(line)!;
        Assert.NotNull(parsed["at"]);
        Assert.EndsWith($"-{road}", (string?)parsed["device"], StringComparison.Ordinal);
        return string.Join(' ', new[] { (string?)parsed["direction"], (string?)parsed["kind"], (string?)parsed["message"]?["type"], (string?)parsed["kind"] == "trace_ended" ? (string?)parsed["detail"] : null }.OfType<string>());
    }));

    private static JsonNode Masked(JsonNode document, string[] masked) => document switch
    {
        JsonObject item => new JsonObject(item.Select(property => KeyValuePair.Create(
            property.Key,
            property.Value is null ? null : s_masked.Contains(property.Key) || masked.Contains(property.Key) ? JsonValue.Create("*") : Masked(property.Value, masked)))),
        JsonArray items => new JsonArray([.. items.Select(item => item is null ? null : Masked(item, masked))]),
        _ => document.DeepClone(),
    };
}
