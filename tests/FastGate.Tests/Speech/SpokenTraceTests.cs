using System.Collections.Concurrent;
using System.Diagnostics;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Transport;

namespace FastGate.Tests.Speech;

/// <summary>The spans of a spoken turn. Other tests make spans at the same time, so that a turn is found by its recogniser or purpose.</summary>
public sealed class SpokenTraceTests : IDisposable
{
    private const string Start = """{"type":"listen","state":"start","mode":"auto"}""";

    private readonly ConcurrentQueue<Activity> _spans = [];
    private readonly ActivityListener _listener;

    public SpokenTraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == GatewayTracing.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Stages_of_a_conversation_are_children_of_its_turn_in_the_order_of_the_road()
    {
        using var harness = new ConnectionHarness(
            gateway: s_quick,
            llm: new FakeChatClientFactory(_ => new FakeChatClient((_, _) => ReplyAsync())),
            voices: new SpeechProviders(
                new FakeRecognizer("hello") { Name = "traced", Server = new Uri("ws://asr.example:10095/path?key=secret") },
                new FakeSynthesizer { Server = new Uri("https://tts.example/v1/") }));
        await SpeakAsync(harness);
        await Eventually.TrueAsync(() => Children(TurnOf("traced")).Any(static span => span.OperationName == "played"), "the turn has been played");
        Activity turn = TurnOf("traced")!;
        Activity[] stages = [.. Children(turn).OrderBy(static span => span.StartTimeUtc + span.Duration)];
        Assert.Equal("turn", turn.OperationName);
        Assert.Equal(
            ["answer", "chat", "encode", "endpoint", "first_frame", "first_sound", "first_token", "played", "recognition", "synthesis"],
            stages.Select(static span => span.OperationName).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal("endpoint", stages[0].OperationName);
        Assert.Equal("recognition", stages[1].OperationName);
        Assert.Equal("played", stages[^1].OperationName);
        Assert.Equal("fake", stages.First(static span => span.OperationName == "first_sound").GetTagItem("provider"));
        Assert.NotNull(stages.Single(static span => span.OperationName == "first_token").GetTagItem("provider"));
        AssertServer("recognition", "asr.example", 10095);
        AssertServer("first_sound", "tts.example", 443);
        AssertServer("synthesis", "tts.example", 443);
        AssertServer("endpoint", null, null);
        Assert.All(stages, static span => Assert.InRange(span.Duration, TimeSpan.Zero, TimeSpan.FromMinutes(1)));

        void AssertServer(string stage, string? address, int? port)
        {
            Activity span = stages.First(span => span.OperationName == stage);
            Assert.Equal((address, port), (span.GetTagItem("server.address"), span.GetTagItem("server.port")));
        }
    }

    [Fact]
    public async Task Playing_back_has_a_turn_with_its_stages()
    {
        using var harness = new ConnectionHarness(gateway: s_quick);
        await SpeakAsync(harness);
        string[] expected = ["answer", "encode", "endpoint", "first_frame", "played"];
        await Eventually.TrueAsync(
            () => _spans.Where(static span => Equals(span.GetTagItem("purpose"), "parrot"))
                .Any(turn => Children(turn).Select(static span => span.OperationName).Order(StringComparer.Ordinal).SequenceEqual(expected)),
            "a turn has all its stages");
    }

    private static readonly GatewayOptions s_quick = new()
    {
        Speech = new SpeechOptions { Vad = SpokenExchange.Vad },
    };

    private Activity? TurnOf(string recognizer) => _spans.FirstOrDefault(span => Equals(span.GetTagItem("provider"), recognizer)) is { } heard
        ? _spans.FirstOrDefault(span => span.SpanId == heard.ParentSpanId) : null;

    private IEnumerable<Activity> Children(Activity? turn) => _spans.Where(span => turn is not null && span.ParentSpanId == turn.SpanId && span.TraceId == turn.TraceId);

    private static async IAsyncEnumerable<string> ReplyAsync()
    {
        await Task.Yield();
        yield return "Good morning.";
    }

    /// <summary>Words, the silence that ends them, and everything up to the stop.</summary>
    private static async Task SpeakAsync(ConnectionHarness harness)
    {
        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendTextAsync(Start);
        foreach (byte[] packet in TestSound.Packets([.. TestSound.Voice(600), .. new short[VoiceStream.SampleRate / 2]]))
        {
            await device.SendFrameAsync(Opcode.Binary, packet);
        }

        ReceivedFrame frame;
        do
        {
            frame = await device.ReceiveFrameAsync();
        }
        while (frame.Opcode != Opcode.Text || !System.Text.Encoding.UTF8.GetString(frame.Payload).Contains("\"stop\"", StringComparison.Ordinal));
    }
}
