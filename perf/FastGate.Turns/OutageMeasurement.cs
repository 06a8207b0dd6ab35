using System.Diagnostics;
using FastGate.Testing.Conversation;

namespace FastGate.Turns;

/// <summary>Time from an utterance to the end of the error reply while the provider's circuit breaker is open.</summary>
internal sealed class OutageMeasurement(GatewayUnderTest gateway, FakeOpenAiServer llm)
{
    // Consecutive failures that open the breaker.
    private const int Failures = 5;

    public void Run(int count, TextWriter report)
    {
        llm.Script = static (_, _) => LlmReply.Fails(503);
        using var device = new BlockingDevice(gateway.Port, "unlucky");
        var samples = new Samples();
        for (int i = 0; i < Failures + count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            device.Say("anybody?");
            device.ReadUntil("\"stop\""u8);
            if (i >= Failures)
            {
                samples.Add(start);
            }
        }

        report.WriteLine($"utterance to the end of the error line, breaker open: {samples}, slowest {samples.Percentile(1):F3} ms");
    }
}
