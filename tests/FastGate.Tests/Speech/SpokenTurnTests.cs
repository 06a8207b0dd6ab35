using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Speech.Recognition;
using FastGate.Speech.Settings;
using FastGate.Speech.Synthesis;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Transport;
using Microsoft.Extensions.DependencyInjection;
using static FastGate.Tests.Speech.SpokenExchange;

namespace FastGate.Tests.Speech;

/// <summary>A device that speaks and listens, over the connection, with fakes for recogniser and synthesiser and the real codec, workers and pacer.</summary>
public sealed class SpokenTurnTests
{
    private static readonly GatewayOptions s_quick = new()
    {
        Speech = new SpeechOptions { Vad = SpokenExchange.Vad },
    };

    [Theory]
    [InlineData(Start, false)]
    [InlineData(Manual, true)]
    [InlineData(Realtime, false)]
    public async Task Without_a_recogniser_a_device_hears_itself(string listen, bool stop)
    {
        using var harness = new ConnectionHarness(gateway: s_quick);
        ScriptedDevice device = await ListeningAsync(harness, listen);
        await SpeakAsync(device, TestSound.Voice(900));
        await SpeakAsync(device, new short[VoiceStream.SampleRate / 2]);
        if (stop)
        {
            await device.SendTextAsync(Stop);
        }

        Heard heard = await HearAsync(device);
        Assert.StartsWith("tts start", heard.Order, StringComparison.Ordinal);
        Assert.EndsWith("tts stop", heard.Order, StringComparison.Ordinal);
        Assert.InRange(EnergyDetector.LevelDb(heard.Samples), -25, -3);
        Assert.InRange(heard.Samples.Length, 16_000 * 3 / 4, 16_000 * 2);
        await Eventually.TrueAsync(() => harness.SpeechMetrics.Utterances.Value == 1, "the count is reached");
    }

    [Fact]
    public async Task Words_that_were_recognised_become_a_turn_whose_reply_is_spoken_in_order()
    {
        using ConnectionHarness harness = Conversing(new FakeRecognizer("hello"), new FakeSynthesizer(), _ => "First sentence. Second sentence.");
        ConcurrentQueue<string> stages = [];
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => stages.Enqueue($"{tags[0].Value} {tags[1].Value}"));
        listener.EnableMeasurementEvents(harness.SpeechMetrics.Stages);
        listener.Start();
        ScriptedDevice device = await ListeningAsync(harness, Start);
        await SayAsync(device);
        Heard heard = await HearAsync(device);
        Assert.Equal("stt hello, llm, tts start, First sentence., sound, Second sentence., sound, tts stop", heard.Order);
        Assert.Equal(["answer ", "encode ", "endpoint ", "first_frame ", "first_sound fake", "first_sound fake", "played ", "recognition fake"], stages.Order(StringComparer.Ordinal));
    }

    /// <summary>Noise is not a turn, and the device continues to listen without a new start.</summary>
    [Fact]
    public async Task An_utterance_without_words_is_no_turn_and_the_next_is_heard()
    {
        using ConnectionHarness harness = Conversing(new FakeRecognizer("", "second"), new FakeSynthesizer(), static words => $"You said {words}.");
        ScriptedDevice device = await ListeningAsync(harness, Start);
        await SayAsync(device);
        await Eventually.TrueAsync(() => harness.SpeechMetrics.Utterances.Value == 1, "the count is reached");

        // What is said before the capture resumes is not heard, so the words are repeated until they are.
        Task<Heard> hearing = HearAsync(device);
        while (!hearing.IsCompleted)
        {
            await SayAsync(device);
            await Task.WhenAny(hearing, Task.Delay(250));
        }

        Assert.Contains("stt second", (await hearing).Order, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recogniser_that_fails_is_answered_with_the_error_line_and_the_next_turn_works()
    {
        using ConnectionHarness harness = Conversing(new FakeRecognizer(null, "second"), new FakeSynthesizer(), static words => $"You said {words}.");
        ScriptedDevice device = await ListeningAsync(harness, Start);
        await SayAsync(device);
        Heard heard = await HearAsync(device);
        Assert.Contains(new SessionOptions().SystemErrorResponse, heard.Order, StringComparison.Ordinal);
        await device.SendTextAsync(Start);
        await SayAsync(device);
        heard = await HearAsync(device);
        Assert.Contains("You said second.", heard.Order, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recogniser_without_a_free_slot_is_answered_with_the_busy_line_and_the_next_turn_works()
    {
        using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new SpeechMetrics(services.GetRequiredService<IMeterFactory>());
        var guard = new SpeechGuard(new SpeechProviderSettings { Alias = "a", MaxConcurrency = 1 }, metrics, TimeProvider.System);
        using ConnectionHarness harness = Conversing(new GuardedRecognizer([(new FakeRecognizer("words"), guard)]), new FakeSynthesizer(), static words => $"You said {words}.");
        ScriptedDevice device = await ListeningAsync(harness, Start);
        guard.Enter();
        await SayAsync(device);
        Heard heard = await HearAsync(device);
        Assert.Contains(new SessionOptions().BusyText, heard.Order, StringComparison.Ordinal);
        Assert.Equal(1, harness.SessionMetrics.Busy.Value);

        guard.Leave(succeeded: null);
        await device.SendTextAsync(Start);
        await SayAsync(device);
        heard = await HearAsync(device);
        Assert.Contains("You said words.", heard.Order, StringComparison.Ordinal);
    }

    /// <summary>The text of a sentence without sound is still shown.</summary>
    [Fact]
    public async Task A_synthesiser_that_fails_leaves_the_text()
    {
        using ConnectionHarness harness = Conversing(new FakeRecognizer("hello"), new FakeSynthesizer { Fails = true }, static _ => "First sentence. Second sentence.");
        ScriptedDevice device = await ListeningAsync(harness, Start);
        await SayAsync(device);
        Heard heard = await HearAsync(device);
        Assert.Equal("stt hello, llm, tts start, First sentence., Second sentence., tts stop", heard.Order);
    }

    [Fact]
    public async Task A_text_turn_is_spoken_too()
    {
        using ConnectionHarness harness = Conversing(new FakeRecognizer(), new FakeSynthesizer(), static words => $"You said {words}.");
        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendTextAsync("""{"type":"listen","state":"detect","text":"hello"}""");
        Heard heard = await HearAsync(device);
        Assert.Equal("stt hello, llm, tts start, You said hello., sound, tts stop", heard.Order);
    }

    [Fact]
    public async Task An_abort_ends_the_sound_at_once()
    {
        using ConnectionHarness harness = Conversing(new FakeRecognizer("hello"), new FakeSynthesizer { Seconds = 60 }, static _ => "A very long sentence.");
        ScriptedDevice device = await ListeningAsync(harness, Start);
        await SayAsync(device);
        ReceivedFrame frame;
        do
        {
            frame = await device.ReceiveFrameAsync();
        }
        while (frame.Opcode != Opcode.Binary);

        await device.SendTextAsync("""{"type":"abort"}""");
        do
        {
            frame = await device.ReceiveFrameAsync();
        }
        while (!Text(frame).Contains("stop", StringComparison.Ordinal));

        // After the stop there is no frame of the turn: the pong is the next message.
        await device.SendTextAsync("""{"type":"ping"}""");
        Assert.Contains("pong", Text(await device.ReceiveFrameAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_realtime_mode_speech_interrupts_the_reply()
    {
        using ConnectionHarness harness = Conversing(new FakeRecognizer("one", "two"), new FakeSynthesizer { Seconds = 60 }, static words => $"You said {words}.");
        ScriptedDevice device = await ListeningAsync(harness, Realtime);
        await SayAsync(device);
        await ReadUntilAsync(device, "You said one.");
        await SayAsync(device);
        await ReadUntilAsync(device, "\"stop\"");
        await ReadUntilAsync(device, "You said two.");
    }

    /// <summary>The sound before a wake word is the wake word itself.</summary>
    [Fact]
    public async Task Sound_before_listen_start_is_never_an_utterance()
    {
        using var harness = new ConnectionHarness(gateway: s_quick);
        ScriptedDevice device = await harness.UpgradedAsync();
        await SayAsync(device);
        await device.SendTextAsync("""{"type":"listen","state":"detect","text":"你好小智"}""");
        await ReadUntilAsync(device, "\"stop\"");
        Assert.Equal(0, harness.SpeechMetrics.Utterances.Value);
        Assert.True(harness.SpeechMetrics.UnheardPackets.Value > 0);
    }

    /// <summary>The device sends its start at once; the greeting is interrupted.</summary>
    [Fact]
    public async Task What_is_said_directly_after_the_wake_word_is_heard()
    {
        using ConnectionHarness harness = Conversing(new FakeRecognizer("right away"), new FakeSynthesizer(), static words => $"You said {words}.");
        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendTextAsync("""{"type":"listen","state":"detect","text":"你好小智"}""");
        await device.SendTextAsync(Start);
        await SayAsync(device);
        await ReadUntilAsync(device, "You said right away.");
    }

    [Fact]
    public async Task A_device_that_leaves_while_it_speaks_gives_all_memory_back()
    {
        using ConnectionHarness harness = Conversing(new FakeRecognizer("one"), new FakeSynthesizer(), static _ => "Yes.");
        ScriptedDevice device = await ListeningAsync(harness, Manual);
        await SpeakAsync(device, TestSound.Voice(3_000));
        await Eventually.TrueAsync(() => harness.Speech.MemoryInUse > 100_000, "the count is reached");
        device.Connection.PeerOutput.Complete();
        await Eventually.TrueAsync(() => harness.Speech.MemoryInUse == 0, "the count is reached");
    }

    [Fact]
    public async Task At_the_bound_of_memory_a_device_hears_the_busy_line()
    {
        GatewayOptions options = s_quick with { Speech = s_quick.Speech with { MemoryMegabytes = 1 } };
        using var harness = new ConnectionHarness(gateway: options);
        List<ScriptedDevice> devices = [];
        for (int i = 0; i < 20; i++)
        {
            devices.Add(await harness.UpgradedAsync($"Device-Id: 00:00:00:00:00:{i:x2}\r\n"));
            await devices[i].SendTextAsync(Start);
        }

        Heard heard = await HearAsync(devices[^1]);
        Assert.Contains(new SessionOptions().BusyText, heard.Order, StringComparison.Ordinal);
        Assert.True(harness.SpeechMetrics.Refused.Value > 0);
    }

    internal static ConnectionHarness Conversing(ISpeechRecognizer recognizer, ISpeechSynthesizer synthesizer, Func<string, string> reply) => new(
        gateway: s_quick,
        llm: new FakeChatClientFactory(_ => new FakeChatClient((messages, _) => ReplyAsync(reply(messages[^1].Text)))),
        voices: new SpeechProviders(recognizer, synthesizer));

    internal static async IAsyncEnumerable<string> ReplyAsync(string text)
    {
        await Task.Yield();
        yield return text;
    }
}
