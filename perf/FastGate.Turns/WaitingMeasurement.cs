using System.Globalization;
using FastGate.Testing.Conversation;

namespace FastGate.Turns;

/// <summary>
/// Pings without turns, with many silent turns, with many turns that stream slowly, and without turns again, in alternation. The first
/// and last phase show the noise of the machine.
/// </summary>
internal sealed class WaitingMeasurement(GatewayUnderTest gateway, FakeOpenAiServer llm, Pingers pingers, int waiting, TimeSpan phase)
{
    private const int TokensPerSecond = 200;

    private static readonly string[] s_phases = ["alone", "silent", "trickle", "alone again"];

    public void Run(int rounds, TextWriter report)
    {
        BlockingDevice[] busy = Enumerable.Range(0, waiting).Select(i => new BlockingDevice(gateway.Port, $"busy{i}")).ToArray();
        pingers.Run(TimeSpan.FromSeconds(3));
        RunPhase("silent", busy);
        Dictionary<string, List<double>> medians = s_phases.ToDictionary(static name => name, static _ => new List<double>());
        Dictionary<string, List<double>> tails = s_phases.ToDictionary(static name => name, static _ => new List<double>());
        for (int round = 1; round <= rounds; round++)
        {
            foreach (string name in s_phases)
            {
                Samples samples = RunPhase(name, busy);
                medians[name].Add(samples.Median);
                tails[name].Add(samples.P99);
                report.WriteLine($"round {round}, {name}: {samples}, {_threads} threads");
            }
        }

        foreach (string name in s_phases)
        {
            report.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: median {Middle(medians[name]):F3} ms ({Middle(medians[name]) / Middle(medians["alone"]) - 1:+0.0 %;-0.0 %}), "
                + $"p99 {Middle(tails[name]):F3} ms, p99 of the rounds {tails[name].Min():F3} to {tails[name].Max():F3} ms"));
        }

        Array.ForEach(busy, static device => device.Dispose());
    }

    private int _threads;

    private Samples RunPhase(string name, BlockingDevice[] busy)
    {
        bool talks = name is "silent" or "trickle";
        if (talks)
        {
            var pace = TimeSpan.FromSeconds((double)busy.Length / TokensPerSecond);
            llm.Script = (_, _) => name == "silent" ? LlmReply.Silent() : LlmReply.Endless(pace, "一句话。");
            int before = llm.Requests.Value;
            foreach (BlockingDevice device in busy)
            {
                device.Say("wait");
            }

            llm.Requests.ReachAsync(before + busy.Length).GetAwaiter().GetResult();
        }

        Samples samples = pingers.Run(phase);
        _threads = gateway.Threads;
        if (talks)
        {
            int before = llm.Gone.Value;
            foreach (BlockingDevice device in busy)
            {
                device.Send("""{"type":"abort"}"""u8);
                device.ReadUntil("\"stop\""u8);
            }

            llm.Gone.ReachAsync(before + busy.Length).GetAwaiter().GetResult();
        }

        return samples;
    }

    private static double Middle(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
