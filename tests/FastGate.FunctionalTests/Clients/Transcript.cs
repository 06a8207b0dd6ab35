using System.Text.Json.Nodes;

namespace FastGate.FunctionalTests.Clients;

/// <summary>The messages that a client received, and the assertions about them (tests/clients/README.md).</summary>
public sealed class Transcript
{
    private readonly List<List<JsonObject>> _connections = [];

    public Transcript(string lines)
    {
        foreach (string line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            JsonObject message = JsonNode.Parse(line)!.AsObject();
            if ((string?)message["event"] == "open")
            {
                _connections.Add([]);
            }
            else
            {
                Assert.NotEqual("failed", (string?)message["event"]);
                _connections[^1].Add(message);
            }
        }
    }

    /// <summary>Asserts two connections with different sessions, each with a hello and a turn; the first also has a ping.</summary>
    public void AssertConversation(string first, string second)
    {
        Assert.Equal(2, _connections.Count);
        string firstSession = AssertTurn(_connections[0], first);
        string secondSession = AssertTurn(_connections[1], second);
        Assert.NotEqual(firstSession, secondSession);
        Assert.Single(_connections[0], message => (string?)message["type"] == "pong");
    }

    /// <summary>Asserts the message order of one turn and returns its session id.</summary>
    public static string AssertTurn(IReadOnlyList<JsonObject> messages, string said)
    {
        JsonObject hello = Assert.Single(messages, message => (string?)message["type"] == "hello");
        Assert.Equal("websocket", (string?)hello["transport"]);
        Assert.NotNull(hello["audio_params"]);
        string session = (string?)hello["session_id"] ?? "";
        Assert.NotEqual("", session);

        string[] shape = [.. messages
            .Where(message => (string?)message["type"] is "stt" or "llm" or "tts")
            .Select(message => $"{message["type"]} {message["state"]}".Trim())];
        Assert.Equal("stt", shape[0]);
        Assert.Contains("llm", shape);
        Assert.Contains("tts sentence_start", shape);
        Assert.True(Array.IndexOf(shape, "tts start") < Array.IndexOf(shape, "tts sentence_start"));
        Assert.Equal("tts stop", shape[^1]);
        Assert.Single(shape, step => step == "tts start");
        Assert.Single(shape, step => step == "tts stop");

        Assert.Equal(said, (string?)Find(messages, "stt", null)["text"]);
        Assert.NotEqual("", (string?)Find(messages, "llm", null)["emotion"] ?? "");
        Assert.All(
            messages.Where(message => (string?)message["type"] is "stt" or "llm" or "tts"),
            message => Assert.Equal(session, (string?)message["session_id"]));
        Assert.Contains(said, Spoken(messages), StringComparison.Ordinal);
        return session;
    }

    /// <summary>Returns all sentences of a turn, concatenated.</summary>
    public static string Spoken(IEnumerable<JsonObject> messages) =>
        string.Concat(messages
            .Where(message => (string?)message["type"] == "tts" && (string?)message["state"] == "sentence_start")
            .Select(message => (string?)message["text"]));

    private static JsonObject Find(IReadOnlyList<JsonObject> messages, string type, string? state) =>
        messages.First(message => (string?)message["type"] == type && (state is null || (string?)message["state"] == state));
}
