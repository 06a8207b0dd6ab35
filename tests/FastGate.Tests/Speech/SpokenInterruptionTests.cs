using System.Runtime.CompilerServices;
using FastGate.Configuration.Options;
using FastGate.Protocol.Framing;
using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Speech.Recognition;
using FastGate.Speech.Synthesis;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Transport;
using static FastGate.Tests.Speech.SpokenExchange;

namespace FastGate.Tests.Speech;

/// <summary>
/// A turn that is interrupted in each stage, in each way: its calls are cancelled, the device gets nothing of it after the stop, and the next turn is
/// answered. One turn at a time may be in progress, so that a slot that is not given back is noticed.
/// </summary>
public sealed class SpokenInterruptionTests
{
    private const string Recognition = "recognition";
    private const string Model = "model";
    private const string Synthesis = "synthesis";
    private const string Playing = "playback";

    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (string stage in (string[])[Recognition, Model, Synthesis, Playing])
            {
                cases.Add(stage, "abort");
                cases.Add(stage, "abort in realtime mode");
                cases.Add(stage, "utterance");
                cases.Add(stage, "speech in realtime mode");
                cases.Add(stage, "text");
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_interrupted_turn_leaves_nothing_and_the_next_is_answered(string stage, string means)
    {
        var recognition = new GatedStage(stage == Recognition);
        var model = new GatedStage(stage == Model);
        var synthesis = new GatedStage(stage == Synthesis);
        using ConnectionHarness harness = Conversing(recognition, model, synthesis);
        bool realtime = means.EndsWith("realtime mode", StringComparison.Ordinal);
        ScriptedDevice device = await ListeningAsync(harness, realtime ? Realtime : Start);
        await SayAsync(device);
        if (stage == Playing)
        {
            while ((await device.ReceiveFrameAsync()).Opcode != Opcode.Binary)
            {
            }
        }
        else
        {
            await (stage switch { Recognition => recognition, Model => model, _ => synthesis }).Reached;
        }

        if (means.StartsWith("abort", StringComparison.Ordinal))
        {
            await device.SendTextAsync("""{"type":"abort"}""");
            await ReadUntilAsync(device, "\"stop\"");
            await device.SendTextAsync("""{"type":"ping"}""");
            Assert.Contains("pong", Text(await device.ReceiveFrameAsync()), StringComparison.Ordinal);
        }

        if (means is "abort" or "utterance")
        {
            await device.SendTextAsync(Start);
        }

        if (means == "text")
        {
            await device.SendTextAsync("""{"type":"listen","state":"detect","text":"2"}""");
        }
        else
        {
            await SayAsync(device);
        }

        List<string> order = await HearTurnAsync(device, "You said 2.");
        int answer = order.FindLastIndex(static item => item == "tts start");
        Assert.Equal("stt 2, llm, tts start, You said 2., sound, tts stop", string.Join(", ", order.Skip(answer - 2)));
        Assert.DoesNotContain("sound", order.Take(answer).SkipWhile(static item => item != "tts stop"));
        await Eventually.TrueAsync(() => recognition.Active + model.Active + synthesis.Active == 0, "every call has ended");
        Assert.Equal(stage == Recognition ? 1 : 2, model.Calls);
    }

    /// <summary>A cough while the model thinks: no turn is lost by it.</summary>
    [Fact]
    public async Task Noise_in_realtime_mode_interrupts_nothing()
    {
        var synthesis = new GatedStage(isClosed: true);
        using ConnectionHarness harness = Conversing(new GatedStage(false), new GatedStage(false), synthesis, minVoiceMs: 400);
        ScriptedDevice device = await ListeningAsync(harness, Realtime);
        await SayAsync(device);
        await synthesis.Reached;
        await SpeakAsync(device, [.. TestSound.Voice(120), .. new short[VoiceStream.SampleRate / 2]]);
        await Eventually.TrueAsync(() => harness.SpeechMetrics.Discarded.Value == 1, "the noise was heard");
        await device.SendTextAsync("""{"type":"ping"}""");
        await ReadUntilAsync(device, "pong");
        Assert.Equal(1, synthesis.Active);
        Assert.Equal(0, harness.SessionMetrics.TurnsCancelled.Value);
    }

    private static ConnectionHarness Conversing(GatedStage recognition, GatedStage model, GatedStage synthesis, int minVoiceMs = 160) => new(
        gateway: new GatewayOptions
        {
            Speech = new SpeechOptions
            {
                Vad = SpokenExchange.Vad with { MinVoice = TimeSpan.FromMilliseconds(minVoiceMs) },
            },
            Workers = new WorkerOptions { Conversation = new ConversationWorkerOptions { Concurrency = 1 } },
        },
        llm: new FakeChatClientFactory(_ => new FakeChatClient((messages, cancellationToken) => ReplyAsync(model, messages[^1].Text, cancellationToken))),
        voices: new SpeechProviders(new Recognizer(recognition), new Synthesizer(synthesis)));

    private static async IAsyncEnumerable<string> ReplyAsync(GatedStage model, string words, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await model.PassAsync(cancellationToken);
        yield return $"You said {words}.";
    }

    /// <summary>Everything up to the end of the turn that says this.</summary>
    private static async Task<List<string>> HearTurnAsync(ScriptedDevice device, string sentence)
    {
        List<string> order = [];
        do
        {
            order.AddRange((await HearAsync(device)).Order.Split(", "));
        }
        while (!order.Contains(sentence));

        return order;
    }

    /// <summary>Understands the number of the utterance.</summary>
    private sealed class Recognizer(GatedStage stage) : ISpeechRecognizer
    {
        public string Name => Recognition;

        public async Task<string> RecognizeAsync(Utterance utterance, CancellationToken cancellationToken)
        {
            await utterance.WaitForEndAsync(cancellationToken);
            await stage.PassAsync(cancellationToken);
            return $"{stage.Calls}";
        }

        public void Dispose()
        {
        }
    }

    /// <summary>The answer to the first utterance is a minute long.</summary>
    private sealed class Synthesizer(GatedStage stage) : ISpeechSynthesizer
    {
        public string Name => Synthesis;

        public async IAsyncEnumerable<SoundPiece> SynthesizeAsync(string sentence, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await stage.PassAsync(cancellationToken);
            short[] second = TestSound.Voice(1_000);
            for (int seconds = sentence.Contains('1', StringComparison.Ordinal) ? 60 : 1; seconds > 0; seconds--)
            {
                yield return new SoundPiece(VoiceStream.SampleRate, second);
            }
        }

        public void Dispose()
        {
        }
    }
}
