using System.Diagnostics;
using FastGate.Testing.Conversation;

namespace FastGate.Turns;

/// <summary>
/// Time from an abort to its <c>tts stop</c>, and until the provider sees its connection closed; half of the aborts come before the first
/// token. A ping before each is the baseline of the run.
/// </summary>
internal sealed class InterruptionMeasurement(GatewayUnderTest gateway, FakeOpenAiServer llm)
{
    public void Run(int count, TextWriter report)
    {
        using var device = new BlockingDevice(gateway.Port, "interrupter");
        var pings = new Samples();
        var stops = new Samples();
        var closes = new Samples();
        llm.Script = static (number, _) => number % 2 == 0 ? LlmReply.Silent() : LlmReply.Stalls("一句话。");
        for (int i = 0; i < count; i++)
        {
            int requests = llm.Requests.Value;
            int gone = llm.Gone.Value;
            long start = Stopwatch.GetTimestamp();
            device.Send("""{"type":"ping"}"""u8);
            device.ReadUntil("pong"u8);
            pings.Add(start);

            device.Say("wait");
            llm.Requests.ReachAsync(requests + 1).GetAwaiter().GetResult();
            if ((requests + 1) % 2 != 0)
            {
                device.ReadUntil("sentence_start"u8);
            }

            Task closed = llm.Gone.ReachAsync(gone + 1);
            start = Stopwatch.GetTimestamp();
            device.Send("""{"type":"abort"}"""u8);
            device.ReadUntil("\"stop\""u8);
            stops.Add(start);
            closed.GetAwaiter().GetResult();
            closes.Add(start);
        }

        report.WriteLine($"ping to pong: {pings}");
        report.WriteLine($"abort to tts stop: {stops}");
        report.WriteLine($"abort to the provider's connection closed: {closes}");
    }
}
