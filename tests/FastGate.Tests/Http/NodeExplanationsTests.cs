using System.Text;
using System.Text.Json.Nodes;
using FastGate.Http.Admin;

namespace FastGate.Tests.Http;

/// <summary>Which node's explanation is the answer.</summary>
public sealed class NodeExplanationsTests
{
    [Theory]
    [InlineData("never_seen", "never_seen", 0)]
    [InlineData("never_seen", "ota_only 1", 1)]
    [InlineData("ota_only 9", "token_expired 1", 1)]
    [InlineData("token_expired 1", "left 9", 1)]
    [InlineData("left 9", "token_expired 1", 0)]
    [InlineData("token_expired 9", "connected 1", 1)]
    [InlineData("connected 1", "shared_id 0", 1)]
    [InlineData("banned 1", "connected 9", 0)]
    [InlineData("no_hello 1", "token_missing 2", 1)]
    public void Present_state_comes_first_then_the_newest_record(string one, string other, int expected)
    {
        AdminAnswer[] answers = [Answer(one, """{"node":"0"}"""), Answer(other, """{"node":"1"}""")];
        Assert.Equal($"{expected}", (string?)Combine(answers)["node"]);
        Array.Reverse(answers);
        Assert.True(one == other || (string?)Combine(answers)["node"] == $"{expected}");
    }

    [Fact]
    public void Counts_similar_ids_and_problems_are_those_of_all_nodes()
    {
        JsonObject combined = Combine(
            [Answer("no_hello 1", """{"connectedDevices":2,"similar":["x","y"],"laterProperty":[1]}"""), Answer("never_seen", """{"connectedDevices":3,"similar":["y","z"]}""")],
            "node c is not reached");
        Assert.Equal(
            """{"verdict":"no_hello","at":"2026-11-28T05:01:00Z","connectedDevices":5,"similar":["x","y","z"],"laterProperty":[1],"problems":["node c is not reached"]}""",
            combined.ToJsonString());
        Assert.False(Combine([Answer("never_seen", "{}")]).ContainsKey("problems"));
    }

    private static JsonObject Combine(IReadOnlyList<AdminAnswer> answers, params string[] problems) =>
        JsonNode.Parse(NodeExplanations.Combine(answers, problems).Body.Span)!.AsObject();

    /// <summary>A verdict, and the minute of its record if it has one.</summary>
    private static AdminAnswer Answer(string verdict, string more)
    {
        string[] parts = verdict.Split(' ');
        JsonObject explanation = new() { ["verdict"] = parts[0] };
        if (parts.Length > 1)
        {
            explanation["at"] = $"2026-11-28T05:0{parts[1]}:00Z";
        }

        foreach ((string name, JsonNode? value) in JsonNode.Parse(more)!.AsObject())
        {
            explanation[name] = value?.DeepClone();
        }

        return new AdminAnswer(200, "application/json", Encoding.UTF8.GetBytes(explanation.ToJsonString()));
    }
}
