using System.Buffers;
using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Scenarios;

/// <summary>
/// Users talk: listen start, speech in 60 ms frames, the recognized text as listen detect, then the answer sentence by sentence. Some
/// interrupt the first sentence with an abort and say something else.
/// </summary>
internal sealed class ConverseScenario : Scenario
{
    private const int Turn = 0;
    private const int FirstSentence = 1;
    private const int Silence = 2;

    private static readonly string[] s_texts =
        ["今天天气怎么样？", "给我讲个故事吧。", "What is the tallest mountain on earth?", "帮我定一个明天早上七点的闹钟。", "我们刚才说到哪儿了？"];

    private readonly long _period;
    private readonly int _speechFrames;

    public ConverseScenario(LoadSettings settings)
        : base(settings)
    {
        _period = PeriodOf(settings.RateOr(settings.Devices / 15.0));
        _speechFrames = (int)(settings.Speech.TotalMilliseconds / OpusFrames.MillisecondsPerFrame);
    }

    private enum TurnStep
    {
        Quiet,
        Speaking,

        /// <summary>The text is sent and its stt not received. Sentences until then belong to the previous turn.</summary>
        Asked,
        Answered,
    }

    public override string Name => "converse";

    public override string Operation => "turn";

    public override IReadOnlyList<string> Latencies => ["turn", "first sentence", "silence after barge-in"];

    public override string? Check() => _period <= _speechFrames * OpusFrames.NanosecondsPerFrame
        ? $"--rate asks every device to begin a turn each {_period / 1e9:0.00} s, but the user speaks for --speech {Settings.Speech.TotalSeconds:0.00} s" : null;

    public override void OnSteady(SimulatedDevice device, long at)
    {
        device.Mark2 = FirstDue(device, at, _period);
        device.Arm(device.Mark2);
    }

    public override void OnTimer(SimulatedDevice device, long due, long now)
    {
        if (due >= device.Mark2)
        {
            BeginTurn(device, due);
        }
        else
        {
            device.Send(Opcode.Binary, OpusFrames.Next(ref device.Random));
        }

        long began = device.Mark2 - _period;
        long spoken = began + (_speechFrames * OpusFrames.NanosecondsPerFrame);
        if (due < spoken)
        {
            device.Arm(due + OpusFrames.NanosecondsPerFrame);
        }
        else
        {
            Ask(device, due);
            device.Arm(device.Mark2);
        }
    }

    public override void OnReply(SimulatedDevice device, GatewayReply reply, long now)
    {
        switch (reply)
        {
            case GatewayReply.Stt:
                device.Step = (int)TurnStep.Answered;
                break;
            case GatewayReply.TtsSentence when device.Step == (int)TurnStep.Answered:
                OnSentence(device, now);
                break;
            case GatewayReply.TtsStop when device.Step == (int)TurnStep.Answered:
                device.Loop.Measure(Turn, device.Mark, now);
                device.Loop.Counters.Operations++;
                device.Step = (int)TurnStep.Quiet;
                device.Waiting.Clear();
                break;
            case GatewayReply.TtsStop when device.Waiting.TryTake(out long aborted):
                device.Loop.Measure(Silence, aborted, now);
                break;
        }
    }

    public override void OnEnded(SimulatedDevice device, DeviceEnd end, DevicePhase phase, long now)
    {
        device.Waiting.Clear();
        device.Loop.Counters.Unanswered += CountUnanswered(device);
        device.Step = (int)TurnStep.Quiet;
        base.OnEnded(device, end, phase, now);
    }

    public override int CountUnanswered(SimulatedDevice device) => device.Step >= (int)TurnStep.Asked ? 1 : 0;

    private void BeginTurn(SimulatedDevice device, long due)
    {
        device.Loop.Counters.Unanswered += CountUnanswered(device);
        device.Step = (int)TurnStep.Speaking;
        device.Waiting.Clear();
        device.Mark2 = due + _period;
        ArrayBufferWriter<byte> text = device.Loop.TextScratch;
        text.ResetWrittenCount();
        FirmwareMessages.WriteListenStart(text, device.Session);
        device.Send(Opcode.Text, text.WrittenSpan);
    }

    private static void Ask(SimulatedDevice device, long due)
    {
        device.Step = (int)TurnStep.Asked;
        device.Mark = due;
        ArrayBufferWriter<byte> text = device.Loop.TextScratch;
        text.ResetWrittenCount();
        FirmwareMessages.WriteDetect(text, device.Session, s_texts[device.Random.Below(s_texts.Length)]);
        device.Send(Opcode.Text, text.WrittenSpan);
    }

    private void OnSentence(SimulatedDevice device, long now)
    {
        if (device.Waiting.Count == 0)
        {
            device.Loop.Measure(FirstSentence, device.Mark, now);
            device.Waiting.TryAdd(now);
            if (now < device.Loop.End && device.Random.Share() < Settings.BargeIn)
            {
                Interrupt(device, now);
            }
        }
    }

    /// <summary>The user reacts to the sentence, so this turn is due at the instant of the sentence.</summary>
    private static void Interrupt(SimulatedDevice device, long now)
    {
        ArrayBufferWriter<byte> text = device.Loop.TextScratch;
        text.ResetWrittenCount();
        FirmwareMessages.WriteAbort(text, device.Session);
        device.Send(Opcode.Text, text.WrittenSpan);
        Ask(device, now);
    }
}
