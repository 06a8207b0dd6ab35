using System.Collections.Concurrent;
using FastGate.Configuration.Options;
using FastGate.Protocol.Audio;
using FastGate.Protocol.Framing;
using FastGate.Sessions;
using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Speech.Recognition;
using FastGate.Speech.Synthesis;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Connections;
using FastGate.Tests.Transport;
using static FastGate.Tests.Speech.SpokenExchange;

namespace FastGate.Tests.Speech;

/// <summary>A device that speaks or listens passes to the next server: nothing that was said is lost, in either direction.</summary>
public sealed class SpokenHandOverTests
{
    private const string Typed = """{"type":"listen","state":"detect","text":"hello"}""";

    private static readonly GatewayOptions s_quick = new()
    {
        Speech = new SpeechOptions { Vad = SpokenExchange.Vad },
    };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(20)]
    public async Task Playing_continues_with_the_next_frame(int before)
    {
        const int Frames = 34;
        using ConnectionHarness old = Server(new FakeRecognizer(""), new FakeSynthesizer { Seconds = 2 }, static _ => "One sentence.");
        using ConnectionHarness next = Server(new FakeRecognizer(""), new FakeSynthesizer(), static _ => "Not this.");
        ScriptedDevice device = await old.UpgradedOnPoolAsync("Device-Id: one\r\nProtocol-Version: 2\r\n");
        await device.SendTextAsync(Typed);
        List<string> texts = [];
        List<uint> timestamps = [];
        while (timestamps.Count < before)
        {
            await ReceiveAsync(device, texts, timestamps);
        }

        if (before == 0)
        {
            await ReadUntilAsync(device, "\"start\"");
        }

        Assert.True(await old.Services.HandOver.WaitForTurnsAsync(HandOverBench.Limit));
        device = await HandOverBench.PassAsync(old, next, device);
        while (texts.LastOrDefault()?.Contains("\"stop\"", StringComparison.Ordinal) != true)
        {
            await ReceiveAsync(device, texts, timestamps);
        }

        Assert.Equal(Enumerable.Range(0, Frames).Select(static frame => (uint)frame * 60), timestamps);
        Assert.Single(texts, static text => text.Contains("One sentence.", StringComparison.Ordinal));
        Assert.Single(texts, static text => text.Contains("\"stop\"", StringComparison.Ordinal));
        Assert.Equal((0, 1), (old.SessionMetrics.TurnsCompleted.Value, next.SessionMetrics.TurnsCompleted.Value));
        Assert.Equal(0, old.SessionMetrics.TurnsCancelled.Value);
        await device.SendTextAsync(Typed);
        await ReadUntilAsync(device, "Not this.");
    }

    [Fact]
    public async Task Playing_is_interrupted_after_the_hand_over_as_before()
    {
        using ConnectionHarness old = Server(new FakeRecognizer(""), new FakeSynthesizer { Seconds = 5 }, static _ => "One sentence.");
        using ConnectionHarness next = Server(new FakeRecognizer(""), new FakeSynthesizer(), static _ => "Not this.");
        ScriptedDevice device = await old.UpgradedOnPoolAsync();
        await device.SendTextAsync(Typed);
        await ReadUntilAsync(device, "\"start\"");
        Assert.True(await old.Services.HandOver.WaitForTurnsAsync(HandOverBench.Limit));

        device = await HandOverBench.PassAsync(old, next, device);
        await device.SendTextAsync("""{"type":"abort"}""");
        await ReadUntilAsync(device, "\"stop\"");
        await device.SendTextAsync("""{"type":"ping"}""");

        Assert.Contains("pong", Text(await device.ReceiveFrameAsync()), StringComparison.Ordinal);
        Assert.Equal(1, next.SessionMetrics.TurnsCancelled.Value);
    }

    [Theory]
    [InlineData(Start, false)]
    [InlineData(Manual, true)]
    [InlineData(Realtime, false)]
    public async Task Utterance_half_said_is_recognised_whole(string listen, bool stop)
    {
        var recognizer = new HearingRecognizer();
        using ConnectionHarness old = Server(new FakeRecognizer("half"), new FakeSynthesizer(), static words => $"You said {words}.");
        using ConnectionHarness next = Server(recognizer, new FakeSynthesizer(), static words => $"You said {words}.");
        ScriptedDevice device = await old.UpgradedOnPoolAsync();
        await device.SendTextAsync(listen);
        short[] words = TestSound.Voice(1_200);
        await SpeakAsync(device, words[..(words.Length / 2)]);

        device = await HandOverBench.PassAsync(old, next, device);
        await SpeakAsync(device, words[(words.Length / 2)..]);
        await SpeakAsync(device, new short[VoiceStream.SampleRate / 2]);
        if (stop)
        {
            await device.SendTextAsync(Stop);
        }

        await ReadUntilAsync(device, "You said whole.");
        Assert.InRange(Assert.Single(recognizer.Heard), 1_150 * 16, 2_000 * 16);
        Assert.Equal(0, old.SpeechMetrics.Utterances.Value);
        await Eventually.TrueAsync(() => old.Speech.MemoryInUse == 0, "the memory is given back");
    }

    [Theory]
    [InlineData(Start, false)]
    [InlineData(Manual, true)]
    [InlineData(Realtime, false)]
    public async Task Utterance_that_waits_for_its_words_is_recognised_again(string listen, bool stop)
    {
        var stuck = new HearingRecognizer { IsStuck = true };
        var recognizer = new HearingRecognizer();
        using ConnectionHarness old = Server(stuck, new FakeSynthesizer(), static _ => "");
        using ConnectionHarness next = Server(recognizer, new FakeSynthesizer(), static words => $"You said {words}.");
        ScriptedDevice device = await old.UpgradedOnPoolAsync();
        await device.SendTextAsync(listen);
        await SayAsync(device);
        if (stop)
        {
            await device.SendTextAsync(Stop);
        }

        await Eventually.TrueAsync(() => stuck.Heard.Count == 1, "the utterance has ended");

        device = await HandOverBench.PassAsync(old, next, device);

        await ReadUntilAsync(device, "You said whole.");
        Assert.Equal(stuck.Heard.Single(), recognizer.Heard.Single());
        await Eventually.TrueAsync(() => old.Speech.MemoryInUse == 0, "the memory is given back");
    }

    [Fact]
    public async Task Words_of_the_quiet_are_answered_by_the_next_server()
    {
        using ConnectionHarness old = Server(new FakeRecognizer("these words"), new FakeSynthesizer(), static _ => "Not this.");
        using ConnectionHarness next = Server(new FakeRecognizer("not these"), new FakeSynthesizer(), static words => $"You said {words}.");
        ScriptedDevice device = await old.UpgradedOnPoolAsync();
        await device.SendTextAsync(Start);
        old.Services.HandOver.BeginQuiet();
        await SayAsync(device);
        await Eventually.TrueAsync(() => old.Registry.Count == 0, "the connection has left");

        device = next.Adopt(device, Assert.Single(HandOverBench.Saved(await old.Services.HandOver.DetachAllAsync(HandOverBench.Limit))));

        Heard heard = await HearAsync(device);
        Assert.StartsWith("stt these words, llm, tts start, You said these words.", heard.Order, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Played_back_utterance_of_the_quiet_is_played_by_the_next_server()
    {
        using var old = new ConnectionHarness(gateway: s_quick);
        using var next = new ConnectionHarness(gateway: s_quick);
        ScriptedDevice device = await old.UpgradedOnPoolAsync();
        await device.SendTextAsync(Start);
        old.Services.HandOver.BeginQuiet();
        await SayAsync(device);
        await Eventually.TrueAsync(() => old.Registry.Count == 0, "the connection has left");

        device = next.Adopt(device, Assert.Single(HandOverBench.Saved(await old.Services.HandOver.DetachAllAsync(HandOverBench.Limit))));

        Heard heard = await HearAsync(device);
        Assert.InRange(heard.Samples.Length, 16_000 / 2, 16_000 * 2);
        await Eventually.TrueAsync(() => old.Speech.MemoryInUse == 0, "the memory is given back");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Turn_that_is_too_long_is_cut_with_a_line(bool isSpoken)
    {
        using var old = new ConnectionHarness(
            gateway: s_quick,
            llm: new FakeChatClientFactory(static _ => new FakeChatClient(static (_, cancellationToken) => StallAsync("First sentence.", cancellationToken))),
            voices: isSpoken ? new SpeechProviders(new FakeRecognizer(""), new FakeSynthesizer()) : null);
        using var next = new ConnectionHarness(gateway: s_quick);
        ScriptedDevice device = await old.UpgradedOnPoolAsync();
        await device.SendTextAsync(Typed);
        await ReadUntilAsync(device, "First sentence.");
        old.Services.HandOver.BeginQuiet();
        Assert.False(await old.Services.HandOver.WaitForTurnsAsync(TimeSpan.FromMilliseconds(1)));

        old.Services.HandOver.CutTurns();
        Assert.True(await old.Services.HandOver.WaitForTurnsAsync(HandOverBench.Limit));
        device = next.Adopt(device, Assert.Single(HandOverBench.Saved(await old.Services.HandOver.DetachAllAsync(HandOverBench.Limit))));

        Heard heard = await HearAsync(device);
        Assert.EndsWith("tts stop", heard.Order, StringComparison.Ordinal);
        if (!heard.Order.Contains(EnglishTexts.RestartText, StringComparison.Ordinal))
        {
            heard = await HearAsync(device);
        }

        Assert.Contains("tts start, " + EnglishTexts.RestartText, heard.Order, StringComparison.Ordinal);
        Assert.Equal(isSpoken, heard.Samples.Length > 0);
        Assert.Equal((1, 0), (old.SessionMetrics.TurnsCancelled.Value, next.SessionMetrics.TurnsCompleted.Value));
    }

    [Fact]
    public async Task Turn_that_is_not_cut_in_time_ends_when_the_connection_leaves()
    {
        using var old = new ConnectionHarness(
            llm: new FakeChatClientFactory(static _ => new FakeChatClient(static (_, cancellationToken) => StallAsync("First sentence.", cancellationToken))));
        using var next = new ConnectionHarness();
        ScriptedDevice device = await old.UpgradedAsync();
        await device.SendTextAsync(Typed);
        await ReadUntilAsync(device, "First sentence.");

        device = await HandOverBench.PassAsync(old, next, device);

        await ReadUntilAsync(device, EnglishTexts.RestartText);
        await ReadUntilAsync(device, "\"stop\"");
        await device.SendTextAsync(Typed);
        await ReadUntilAsync(device, "\"stop\"");
        Assert.Equal(1, next.SessionMetrics.TurnsCompleted.Value);
    }

    private static ConnectionHarness Server(ISpeechRecognizer recognizer, ISpeechSynthesizer synthesizer, Func<string, string> reply) =>
        SpokenTurnTests.Conversing(recognizer, synthesizer, reply);

    private static async IAsyncEnumerable<string> StallAsync(
        string text, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return text + " ";
        yield return "Second";
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    private static async Task ReceiveAsync(ScriptedDevice device, List<string> texts, List<uint> timestamps)
    {
        ReceivedFrame frame = await device.ReceiveFrameAsync();
        if (frame.Opcode == Opcode.Text)
        {
            texts.Add(Text(frame));
        }
        else
        {
            Assert.True(AudioFrameReader.TryRead(AudioFraming.Version2, frame.Payload, out AudioFrame audio));
            timestamps.Add(audio.Timestamp);
        }
    }

    /// <summary>Keeps how many samples it has heard.</summary>
    private sealed class HearingRecognizer : ISpeechRecognizer
    {
        public string Name => "hearing";

        public bool IsStuck { get; init; }

        public ConcurrentQueue<int> Heard { get; } = [];

        public async Task<string> RecognizeAsync(Utterance utterance, CancellationToken cancellationToken)
        {
            await utterance.WaitForEndAsync(cancellationToken);
            Heard.Enqueue(utterance.Samples);
            await Task.Delay(IsStuck ? Timeout.Infinite : 0, cancellationToken);
            return "whole";
        }

        public void Dispose()
        {
        }
    }
}
