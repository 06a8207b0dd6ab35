using System.Buffers;
using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Measure;
using FastGate.LoadTest.Reports;
using FastGate.LoadTest.Speech;
using FastGate.Protocol.Audio;
using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Scenarios;

/// <summary>
/// Users speak real sentences at the speed of speech and listen to the answer. The server is in parrot mode or has a recogniser and a synthesiser.
/// Some interrupt the answer: a ping shows the delay of the connection, then an abort the delay of the silence.
/// </summary>
internal sealed class SpeakScenario : Scenario
{
    /// <summary>Turns whose sound is kept and compared.</summary>
    private const int MostCompared = 100;

    private const int FirstFrame = 0;
    private const int FrameDelay = 1;
    private const int Ping = 2;
    private const int Silence = 3;

    private readonly long _period;
    private readonly long _lateAfter;
    private readonly List<(SpokenSentence Sent, List<byte[]> Received)> _compared = [];
    private readonly Lock _lock = new();
    private int _comparing;

    public SpeakScenario(LoadSettings settings)
        : base(settings)
    {
        _period = PeriodOf(settings.RateOr(settings.Devices / 12.0));
        _lateAfter = LoadSettings.Nanoseconds(settings.LateAfter);
    }

    public override string Name => "speak";

    public override string Operation => "turn";

    public override IReadOnlyList<string> Latencies => ["end of speech to first frame", "frame after it is due", "ping while speaking", "abort to stop"];

    public override TimeSpan SettleAtLeast => TimeSpan.FromSeconds(15);

    /// <summary>Its frames have timestamps, which number the frames of an answer.</summary>
    public override int ProtocolVersion => 2;

    /// <summary>Made at the first use and kept for the process.</summary>
    private SpokenSentence[] Sentences => SpeechSource.Sentences(Settings.NoiseDb ?? double.PositiveInfinity);

    public override string? Check()
    {
        try
        {
            _ = Sentences;
        }
        catch (LoadFailedException exception)
        {
            return exception.Message;
        }

        long longest = Sentences.Max(static sentence => sentence.Packets.Length) * OpusFrames.NanosecondsPerFrame;
        return _period < longest ? $"--rate asks every device to begin a turn each {_period / 1e9:0.00} s, but a sentence takes {longest / 1e9:0.00} s" : null;
    }

    public override void OnSteady(SimulatedDevice device, long at)
    {
        device.Talk = new Talk();
        device.Mark2 = FirstDue(device, at, _period);
        device.Arm(device.Mark2);
    }

    public override void OnTimer(SimulatedDevice device, long due, long now)
    {
        Talk talk = device.Talk!;
        if (due >= device.Mark2)
        {
            BeginTurn(device, talk, due);
        }

        SendPacket(device, talk.Sentence.PacketAt(talk.Packet), timestamp: (uint)(talk.Packet * SpeechSource.FrameMs));
        if (talk.Packet++ == talk.Sentence.LastVoiced)
        {
            talk.SpeechEnd = due;
            if (Settings.SpeechMode == SpeakingMode.Manual)
            {
                Send(device, FirmwareMessages.WriteListenStop);
                device.Arm(device.Mark2);
                return;
            }
        }

        device.Arm(Math.Min(due + OpusFrames.NanosecondsPerFrame, device.Mark2));
    }

    public override void OnReply(SimulatedDevice device, GatewayReply reply, long now)
    {
        if (device.Talk is not { } talk)
        {
            return;
        }

        switch (reply)
        {
            case GatewayReply.Stt:
                talk.Recognised = true;
                break;
            case GatewayReply.TtsStart:
                OnStart(device, talk);
                break;
            case GatewayReply.Pong when talk.PingSent != 0:
                device.Loop.Measure(Ping, talk.PingSent, now);
                talk.PingSent = 0;
                if (talk.Hears)
                {
                    talk.AbortSent = now;
                    Send(device, FirmwareMessages.WriteAbort);
                }

                break;
            case GatewayReply.TtsStop when talk.Hears:
                OnStop(device, talk, now);
                break;
        }
    }

    public override void OnAudio(SimulatedDevice device, ReadOnlySpan<byte> packet, long now)
    {
        if (device.Talk is not { Hears: true } talk || !AudioFrameReader.TryRead(AudioFraming.Version2, packet, out AudioFrame frame))
        {
            device.Loop.Counters.FramesOutside++;
            return;
        }

        talk.Frames.Receive(frame.Timestamp, now);
        talk.Packets?.Add(frame.Payload.ToArray());
        if (talk.Frames.Arrivals.Count > 1)
        {
            return;
        }

        if (talk.SpeechEnd != 0)
        {
            device.Loop.Measure(FirstFrame, talk.SpeechEnd, now);
        }

        if (talk.Interrupts)
        {
            talk.PingSent = now;
            device.Send(Opcode.Text, FirmwareMessages.Ping);
        }
    }

    public override void OnEnded(SimulatedDevice device, DeviceEnd end, DevicePhase phase, long now)
    {
        device.Loop.Counters.Unanswered += CountUnanswered(device);
        device.Talk = null;
        base.OnEnded(device, end, phase, now);
    }

    public override bool ContinuesAfterEnd(SimulatedDevice device) => device.Talk is { IsDone: false } && device.TimerDue < device.Mark2;

    public override int CountUnanswered(SimulatedDevice device) => device.Talk is { IsDone: false } ? 1 : 0;

    public override SpeechReport DescribeSpeech(LoopCounters total)
    {
        EchoedTurn[] turns = [.. _compared.Select(static turn => EchoedTurn.Compare(turn.Sent, turn.Received))];
        long received = total.FramesExpected - total.FramesMissing;
        return new SpeechReport
        {
            FramesReceived = received,
            FramesMissing = total.FramesMissing,
            FramesDoubled = total.FramesDoubled,
            FramesReordered = total.FramesReordered,
            FramesOutside = total.FramesOutside,
            InTimeShare = received == 0 ? null : Math.Round(1 - ((double)total.FramesLate / received), 6),
            CutShort = total.CutShort,
            Interrupted = total.Interrupted,
            Compared = turns.Length,
            WithoutLastWord = turns.Count(static turn => turn.LacksLastWord),
            LastWordDb = turns.Length == 0 ? null : Math.Round(turns.Average(static turn => turn.LastWordDb), 2),
            SpanDifferenceMs = turns.Length == 0 ? null : Math.Round(turns.Average(static turn => turn.SpanDifferenceMs), 1),
        };
    }

    public override IReadOnlyList<ThresholdResult> Judge(RunReport report) => report.Speech!.Judge();

    private void BeginTurn(SimulatedDevice device, Talk talk, long due)
    {
        device.Loop.Counters.Unanswered += CountUnanswered(device);
        bool interrupts = device.Random.Share() < Settings.BargeIn;
        bool isFirst = talk.Sentence is null;
        bool isMeasured = device.Loop.IsMeasured(due);
        talk.Begin(
            Sentences[device.Random.Below(Sentences.Length)],
            interrupts,
            compared: isMeasured && !interrupts && device.Number < MostCompared && Interlocked.Increment(ref _comparing) <= MostCompared,
            isMeasured);
        device.Mark2 = due + _period;
        if (isFirst || Settings.SpeechMode != SpeakingMode.Realtime)
        {
            Send(device, (output, session) => FirmwareMessages.WriteListenStart(output, session, Settings.SpeechMode));
        }
    }

    private void OnStart(SimulatedDevice device, Talk talk)
    {
        talk.Hears = true;
        talk.Frames.Clear();
        talk.Packets?.Clear();
        if (talk.SpeechEnd == 0 && !talk.CutShort)
        {
            talk.CutShort = true;
            device.Loop.Counters.CutShort += talk.IsMeasured ? 1 : 0;
        }

        if (Settings.SpeechMode == SpeakingMode.Auto)
        {
            // The microphone is off while the device speaks.
            device.Arm(device.Mark2);
        }
    }

    private void OnStop(SimulatedDevice device, Talk talk, long now)
    {
        talk.Hears = false;
        if (talk.AbortSent != 0)
        {
            device.Loop.Measure(Silence, talk.AbortSent, now);
            device.Loop.Counters.Interrupted += talk.IsMeasured ? 1 : 0;
        }

        if (talk.IsMeasured)
        {
            JudgeFrames(device, talk);
        }

        if (talk.SpeechEnd != 0 || Settings.SpeechMode == SpeakingMode.Auto)
        {
            talk.IsDone = true;
            device.Loop.Counters.Operations++;
        }
    }

    private void JudgeFrames(SimulatedDevice device, Talk talk)
    {
        LoopCounters counters = device.Loop.Counters;
        foreach ((long due, long at) in talk.Frames.Schedule())
        {
            device.Loop.Measure(FrameDelay, due, at);
            counters.FramesLate += at - due > _lateAfter ? 1 : 0;
        }

        bool isWhole = !talk.Recognised && !talk.CutShort && talk.AbortSent == 0;
        long missing = talk.Frames.Missing(isWhole ? talk.Sentence.LastVoiced - talk.Sentence.FirstVoiced + 1 : 0);
        counters.FramesExpected += talk.Frames.Arrivals.Count + missing;
        counters.FramesMissing += missing;
        counters.FramesDoubled += talk.Frames.Doubled;
        counters.FramesReordered += talk.Frames.Reordered;
        if (isWhole && talk.Packets is { } packets)
        {
            lock (_lock)
            {
                _compared.Add((talk.Sentence, [.. packets]));
            }
        }
    }

    private static void SendPacket(SimulatedDevice device, byte[] packet, uint timestamp)
    {
        ArrayBufferWriter<byte> message = device.Loop.TextScratch;
        message.ResetWrittenCount();
        AudioFrameWriter.Write(message, AudioFraming.Version2, packet, timestamp: timestamp);
        device.Send(Opcode.Binary, message.WrittenSpan);
    }

    private static void Send(SimulatedDevice device, Action<IBufferWriter<byte>, Guid> write)
    {
        ArrayBufferWriter<byte> text = device.Loop.TextScratch;
        text.ResetWrittenCount();
        write(text, device.Session);
        device.Send(Opcode.Text, text.WrittenSpan);
    }
}
