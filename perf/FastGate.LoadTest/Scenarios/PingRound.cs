using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Scenarios;

/// <summary>A scheduled ping and its pong.</summary>
internal static class PingRound
{
    public static void Send(SimulatedDevice device, long due)
    {
        if (!device.Waiting.TryAdd(due))
        {
            device.Loop.Counters.Unanswered++;
            return;
        }

        device.Send(Opcode.Text, FirmwareMessages.Ping);
    }

    /// <summary>True when the reply is a pong; records its latency under the index.</summary>
    public static bool TryComplete(SimulatedDevice device, GatewayReply reply, long now, int latency)
    {
        if (reply != GatewayReply.Pong || !device.Waiting.TryTake(out long due))
        {
            return false;
        }

        device.Loop.Measure(latency, due, now);
        device.Loop.Counters.Operations++;
        return true;
    }
}
