using FastGate.Configuration.Options;
using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Speech.Recognition;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Transport;

namespace FastGate.Tests.Speech;

/// <summary>What providers change in the turns of a device: kept lines, reloads, early ends.</summary>
public sealed class SpokenProviderTests
{
    private const string WakeUp = """{"type":"listen","state":"detect","text":"你好小智"}""";

    [Fact]
    public async Task The_greeting_is_synthesised_once_until_a_reload()
    {
        var voice = new FakeSynthesizer();
        using ConnectionHarness harness = Conversing(new FakeRecognizer(), voice);
        ScriptedDevice device = await harness.UpgradedAsync();

        SpokenExchange.Heard first = await GreetAsync(device);
        SpokenExchange.Heard second = await GreetAsync(device);

        Assert.Equal(first.Order, second.Order);
        Assert.Equal(first.Samples.Length, second.Samples.Length);
        Assert.Contains("sound", second.Order, StringComparison.Ordinal);
        Assert.Equal([new SessionOptions().Greeting], voice.Asked);
        Assert.Equal((1, 1), (harness.SpeechMetrics.FixedLineHits.Value, harness.SpeechMetrics.FixedLineMisses.Value));

        var next = new FakeSynthesizer();
        harness.Speech.Prepare(new SpeechOptions(), new SpeechProviders(new FakeRecognizer(), next))();
        await GreetAsync(device);
        Assert.Single(next.Asked);
    }

    /// <summary>The second device hears the frames of the first, and each is closed after its last frame.</summary>
    [Fact]
    public async Task A_fixed_goodbye_is_synthesised_once_and_closes_after_its_sound()
    {
        var voice = new FakeSynthesizer();
        using var harness = new ConnectionHarness(
            gateway: new GatewayOptions { Session = new SessionOptions { GoodbyeText = "慢走。" } }, voices: new SpeechProviders(new FakeRecognizer(), voice));
        for (int i = 0; i < 2; i++)
        {
            ScriptedDevice device = await harness.UpgradedAsync($"Device-Id: device-{i}\r\n");
            await device.SendTextAsync("""{"type":"listen","state":"detect","text":"再见"}""");
            Assert.Equal("stt 再见, llm, tts start, 慢走。, sound, tts stop", (await SpokenExchange.HearAsync(device)).Order);
            Assert.Equal(Protocol.Framing.CloseStatus.Normal, await device.ReceiveCloseAsync());
        }

        Assert.Equal(["慢走。"], voice.Asked);
    }

    /// <summary>The voice of a fallback, and a line that is not whole, would be heard until the next reload.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Only_whole_lines_of_the_usual_voice_are_kept(bool isFallback, bool fails)
    {
        var voice = new FakeSynthesizer { IsFallback = isFallback, Fails = fails };
        using ConnectionHarness harness = Conversing(new FakeRecognizer(), voice);
        ScriptedDevice device = await harness.UpgradedAsync();
        await GreetAsync(device);
        await GreetAsync(device);
        Assert.Equal(2, voice.Asked.Count);
    }

    [Fact]
    public async Task Replies_are_not_kept()
    {
        var voice = new FakeSynthesizer();
        using ConnectionHarness harness = Conversing(new FakeRecognizer(), voice);
        ScriptedDevice device = await harness.UpgradedAsync();
        for (int i = 0; i < 2; i++)
        {
            await device.SendTextAsync("""{"type":"listen","state":"detect","text":"hello"}""");
            await SpokenExchange.HearAsync(device);
        }

        Assert.Equal(0, harness.Speech.Providers.FixedLines.Count);
        Assert.Equal(4, voice.Asked.Count);
    }

    [Fact]
    public async Task At_most_two_sentences_are_made_ahead_of_the_one_that_is_sent()
    {
        var voice = new FakeSynthesizer { Seconds = 20 };
        using ConnectionHarness harness = Conversing(new FakeRecognizer(), voice, "One is here. Two is here. Three is here. Four is here. Five is here.");
        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendTextAsync("""{"type":"listen","state":"detect","text":"hello"}""");
        await Eventually.TrueAsync(() => voice.Asked.Count == 3, "three sentences are made");

        // The first sentence takes 20 seconds to play; the fourth must wait for its end.
        await SpokenExchange.ReadUntilAsync(device, "One is here.");
        for (int i = 0; i < 10; i++)
        {
            await device.ReceiveFrameAsync();
        }

        Assert.Equal(3, voice.Asked.Count);
    }

    /// <summary>A turn ends with the providers it began with, also when the new configuration has none.</summary>
    [Fact]
    public async Task A_reload_takes_effect_with_the_next_turn()
    {
        var reloaded = new TaskCompletionSource();
        var voice = new FakeSynthesizer { Before = sentence => sentence.StartsWith("Second", StringComparison.Ordinal) ? reloaded.Task : Task.CompletedTask };
        using ConnectionHarness harness = Conversing(new FakeRecognizer("hello"), voice);
        ScriptedDevice device = await SpokenExchange.ListeningAsync(harness, SpokenExchange.Start);
        await SpokenExchange.SayAsync(device);
        await Eventually.TrueAsync(() => voice.Asked.Count == 2, "the second sentence waits");
        harness.Speech.Prepare(new SpeechOptions(), new SpeechProviders(null, null))();
        reloaded.SetResult();

        SpokenExchange.Heard heard = await SpokenExchange.HearAsync(device);
        Assert.Equal("stt hello, llm, tts start, First sentence., sound, Second sentence., sound, tts stop", heard.Order);

        await device.SendTextAsync("""{"type":"listen","state":"detect","text":"hello"}""");
        heard = await SpokenExchange.HearAsync(device);
        Assert.Equal("stt hello, llm, tts start, First sentence., Second sentence., tts stop", heard.Order);
    }

    /// <summary>The device's own silence would be ten seconds.</summary>
    [Fact]
    public async Task A_recogniser_may_end_the_utterance_in_the_silence_after_it()
    {
        var vad = new SpeechVadOptions { Silence = TimeSpan.FromSeconds(10), NoPacket = TimeSpan.FromSeconds(10) };
        using ConnectionHarness harness = new(
            gateway: new GatewayOptions { Speech = new SpeechOptions { Vad = vad } },
            llm: Replying("Yes."),
            voices: new SpeechProviders(new EndingRecognizer(), new FakeSynthesizer()));
        ScriptedDevice device = await SpokenExchange.ListeningAsync(harness, SpokenExchange.Start);
        await SpokenExchange.SpeakAsync(device, TestSound.Voice(600));
        Task<SpokenExchange.Heard> hearing = SpokenExchange.HearAsync(device);
        for (int i = 0; i < 40 && !hearing.IsCompleted; i++)
        {
            // Four seconds at most: the ten of the detector are not reached.
            await SpokenExchange.SpeakAsync(device, new short[VoiceStream.SampleRate / 10]);
            await Task.WhenAny(hearing, Task.Delay(100));
        }

        Assert.StartsWith("stt early", (await hearing).Order, StringComparison.Ordinal);
    }

    private static async Task<SpokenExchange.Heard> GreetAsync(ScriptedDevice device)
    {
        await device.SendTextAsync(WakeUp);
        return await SpokenExchange.HearAsync(device);
    }

    private static ConnectionHarness Conversing(ISpeechRecognizer recognizer, FakeSynthesizer voice, string reply = "First sentence. Second sentence.") =>
        SpokenTurnTests.Conversing(recognizer, voice, _ => reply);

    private static FakeChatClientFactory Replying(string reply) => new(_ => new FakeChatClient((_, _) => SpokenTurnTests.ReplyAsync(reply)));

    /// <summary>Ends the utterance at the first silence after voice.</summary>
    private sealed class EndingRecognizer : ISpeechRecognizer
    {
        public string Name => "ending";

        public async Task<string> RecognizeAsync(Utterance utterance, CancellationToken cancellationToken)
        {
            while (!utterance.IsEndRequested)
            {
                await Task.Delay(1, cancellationToken);
                if (utterance is { IsSilent: true, VoiceWindows: > 0 })
                {
                    utterance.RequestEnd(utterance.VoiceWindows);
                }
            }

            await utterance.WaitForEndAsync(cancellationToken);
            return "early";
        }

        public void Dispose()
        {
        }
    }
}
