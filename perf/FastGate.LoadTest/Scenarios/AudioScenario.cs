using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Scenarios;

/// <summary>
/// Every device sends audio without a pause. The server is in echo mode (<c>--FastGate:Devices:Echo=true</c>) and sends each frame
/// back. A user would hear a late frame as a gap.
/// </summary>
internal sealed class AudioScenario : Scenario
{
    private const int FramesPerPing = 50;

    private readonly long _lateAfter;

    public AudioScenario(LoadSettings settings)
        : base(settings) => _lateAfter = LoadSettings.Nanoseconds(settings.LateAfter);

    public override string Name => "audio";

    public override string Operation => Settings.UplinkOnly ? "pong" : "frame";

    public override IReadOnlyList<string> Latencies => [Settings.UplinkOnly ? "ping between frames" : "frame"];

    public override void OnSteady(SimulatedDevice device, long at) => device.Arm(FirstDue(device, at, OpusFrames.NanosecondsPerFrame));

    public override void OnTimer(SimulatedDevice device, long due, long now)
    {
        device.Arm(due + OpusFrames.NanosecondsPerFrame);
        ReadOnlySpan<byte> frame = OpusFrames.Next(ref device.Random);
        if (Settings.UplinkOnly)
        {
            device.Send(Opcode.Binary, frame);
            if (++device.Step % FramesPerPing == 0)
            {
                PingRound.Send(device, due);
            }

            return;
        }

        device.Loop.Counters.FramesExpected++;
        if (device.Waiting.TryAdd(due))
        {
            device.Send(Opcode.Binary, frame);
        }
        else
        {
            device.Loop.Counters.Unanswered++;
        }
    }

    public override void OnReply(SimulatedDevice device, GatewayReply reply, long now)
    {
        if (Settings.UplinkOnly)
        {
            PingRound.TryComplete(device, reply, now, 0);
        }
    }

    public override void OnAudio(SimulatedDevice device, ReadOnlySpan<byte> packet, long now)
    {
        if (device.Waiting.TryTake(out long due))
        {
            device.Loop.Measure(0, due, now);
            device.Loop.Counters.Operations++;
            device.Loop.Counters.FramesLate += now - due > _lateAfter ? 1 : 0;
        }
    }
}
