using System.Diagnostics;
using System.Globalization;
using FastGate.Testing.Conversation;

namespace FastGate.Turns;

/// <summary>
/// Whole turns of several devices at once: with the built-in echo, with a model's reply that arrives in one piece, and with one that arrives
/// token by token. The servers take turns within each round.
/// </summary>
internal sealed class StreamMeasurement(IReadOnlyList<string> servers, int tokens, int turns)
{
    private const int Devices = 8;

    /// <summary>Turns before the first round, until all code is compiled.</summary>
    private const int WarmUp = 3_000;

    private static readonly string[] s_pieces = ["今天", "的", "天气", "很", "好，", "我们", "出去", "走走", "吧", "。"];

    public async Task RunAsync(int rounds, TextWriter report)
    {
        string[] words = [.. Enumerable.Range(0, tokens).Select(static i => s_pieces[i % s_pieces.Length])];
        await using FakeOpenAiServer llm = await FakeOpenAiServer.StartAsync(static (_, _) => LlmReply.Says("在。"));
        byte[] whole = await CaptureAsync(llm, words);
        (string Name, LlmReply? Reply)[] cases = [("echo", null), ("reply in one piece", LlmReply.Garbage(whole)), ("reply token by token", LlmReply.Says(words))];
        foreach ((string name, LlmReply? reply) in cases)
        {
            if (reply is not null)
            {
                llm.Script = (_, _) => reply;
            }

            GatewayUnderTest[] gateways = [.. servers.Select(server => new GatewayUnderTest(server, Options(llm.Address, reply is null)))];
            List<(double Rate, double Cpu, double Bytes)>[] figures = [.. servers.Select(static _ => new List<(double, double, double)>())];
            Array.ForEach(gateways, static gateway => Turn(gateway, WarmUp));
            for (int round = 0; round < rounds; round++)
            {
                for (int i = 0; i < gateways.Length; i++)
                {
                    figures[i].Add(await MeasureAsync(gateways[i]));
                }
            }

            for (int i = 0; i < gateways.Length; i++)
            {
                Report(report, name, servers[i], figures[i], reply is null ? 1 : tokens);
                gateways[i].Dispose();
            }
        }
    }

    private static string[] Options(string address, bool echo) =>
    [
        "--FastGate:Llm:Providers:fake:Type=openai",
        $"--FastGate:Llm:Providers:fake:BaseUrl={address}/v1",
        "--FastGate:Llm:Providers:fake:Model=fake",
        $"--FastGate:Llm:ByMode:default={(echo ? "echo" : "fake")}",
        "--FastGate:Llm:ByMode:memory=echo",
    ];

    /// <summary>The bytes of the reply as the server writes them.</summary>
    private static async Task<byte[]> CaptureAsync(FakeOpenAiServer llm, string[] words)
    {
        llm.Script = (_, _) => LlmReply.Says(words);
        using var http = new HttpClient();
        using var question = new StringContent("""{"model":"fake","messages":[{"role":"user","content":"在吗"}]}""");
        using HttpResponseMessage response = await http.PostAsync(new Uri(llm.Address + "/v1/chat/completions"), question);
        return await response.Content.ReadAsByteArrayAsync();
    }

    private async Task<(double Rate, double Cpu, double Bytes)> MeasureAsync(GatewayUnderTest gateway)
    {
        double allocated = await gateway.AllocatedAsync();
        TimeSpan cpu = gateway.CpuTime;
        long start = Stopwatch.GetTimestamp();
        Turn(gateway, turns);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        return (turns / elapsed.TotalSeconds, (gateway.CpuTime - cpu).TotalMicroseconds / turns, (await gateway.AllocatedAsync() - allocated) / turns);
    }

    private static void Turn(GatewayUnderTest gateway, int count)
    {
        Thread[] threads = [.. Enumerable.Range(0, Devices).Select(i => new Thread(() =>
        {
            using var device = new BlockingDevice(gateway.Port, $"speaker{i}");
            for (int turn = 0; turn < count / Devices; turn++)
            {
                device.Say("今天天气怎么样");
                device.ReadUntil("\"stop\""u8);
            }
        }))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
    }

    private static void Report(TextWriter report, string name, string server, List<(double Rate, double Cpu, double Bytes)> figures, int tokens)
    {
        (double rate, string rates) = Spread(figures.Select(static figure => figure.Rate));
        (double cpu, string cpus) = Spread(figures.Select(static figure => figure.Cpu));
        (double bytes, string allocations) = Spread(figures.Select(static figure => figure.Bytes));
        report.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {server} | {rate:F0} ({rates}) | {cpu:F0} ({cpus}) | {cpu / tokens:F1} | {bytes:F0} ({allocations}) | {bytes / tokens:F0} |"));
    }

    private static (double Median, string Range) Spread(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[sorted.Length / 2], string.Create(CultureInfo.InvariantCulture, $"{sorted[0]:F0} to {sorted[^1]:F0}"));
    }
}
