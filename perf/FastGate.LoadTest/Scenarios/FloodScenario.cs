using System.Buffers;
using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Speech;
using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Scenarios;

/// <summary>
/// Devices ping, and one device that listens sends packets which are no Opus: random bytes, and real packets that are cut. It sends for two
/// seconds and pauses for two seconds, so that the delay of the others with and without the flood is from the same time.
/// </summary>
internal sealed class FloodScenario : Scenario
{
    private const long Interval = 2_000_000_000;
    private const int During = 0;
    private const int Between = 1;

    private static readonly byte[][] s_real = MakePackets();

    private readonly long _period;
    private readonly long _packetPeriod;

    public FloodScenario(LoadSettings settings)
        : base(settings)
    {
        _period = PeriodOf(settings.RateOr(settings.Devices));
        _packetPeriod = 1_000_000_000 / Math.Max(1, settings.Flood);
    }

    public override string Name => "flood";

    public override string Operation => "pong";

    public override IReadOnlyList<string> Latencies => ["ping during the flood", "ping between floods"];

    public override (int Count, string Name) Plotted => (2, "ping");

    public override string? Check() => Settings.Devices < 2 ? "--devices: one device floods and another one pings, so at least 2."
        : Settings.Flood < 1000 ? "--flood: at least 1000 packets a second." : null;

    public override void OnSteady(SimulatedDevice device, long at)
    {
        device.Mark = at;
        device.Arm(IsFlooder(device) ? at : FirstDue(device, at, _period));
        if (IsFlooder(device))
        {
            Listen(device);
        }
    }

    public override void OnTimer(SimulatedDevice device, long due, long now)
    {
        if (!IsFlooder(device))
        {
            PingRound.Send(device, due);
            device.Arm(due + _period);
            return;
        }

        if (IsFlood(device, due))
        {
            SendPacket(device);
        }

        // Evenly: a burst would keep the pings of this driver waiting.
        device.Arm(due + _packetPeriod);
    }

    public override void OnReply(SimulatedDevice device, GatewayReply reply, long now)
    {
        if (!IsFlooder(device))
        {
            PingRound.TryComplete(device, reply, now, IsFlood(device, now) ? During : Between);
        }
        else if (reply == GatewayReply.TtsStop)
        {
            // What was heard of it came back; it listens again.
            Listen(device);
        }
    }

    private static bool IsFlooder(SimulatedDevice device) => device.Number == 0;

    private static bool IsFlood(SimulatedDevice device, long instant) => (instant - device.Mark) / Interval % 2 == 1;

    private static void SendPacket(SimulatedDevice device)
    {
        device.Loop.Counters.FloodPackets++;
        if (device.Random.Below(2) == 0)
        {
            device.Send(Opcode.Binary, OpusFrames.Next(ref device.Random));
            return;
        }

        byte[] whole = s_real[device.Random.Below(s_real.Length)];
        device.Send(Opcode.Binary, whole.AsSpan(0, device.Random.Below(whole.Length)));
    }

    private static void Listen(SimulatedDevice device)
    {
        ArrayBufferWriter<byte> text = device.Loop.TextScratch;
        text.ResetWrittenCount();
        FirmwareMessages.WriteListenStart(text, device.Session, SpeakingMode.Realtime);
        device.Send(Opcode.Text, text.WrittenSpan);
    }

    private static byte[][] MakePackets()
    {
        var random = new Random(1);
        return SpeechSource.Encode([.. Enumerable.Range(0, 50 * SpeechSource.FrameSamples).Select(i => (short)((8_000 * Math.Sin(i * 0.1)) + random.Next(-3_000, 3_000)))]);
    }
}
