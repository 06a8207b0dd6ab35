using System.Globalization;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;
using Xunit.Abstractions;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>
/// Hundreds of turns wait for a silent provider: other devices are served, and no thread is blocked. <c>FASTGATE_WAITING</c> and
/// <c>FASTGATE_PINGERS</c> set the size. perf/README.md has the latency of pings under this load.
/// </summary>
public sealed class WaitingTests(ITestOutputHelper output)
{
    private const int Pings = 50;

    /// <summary>Threads that the runtime may add under any load; far below the number of devices.</summary>
    private const int Slack = 12;

    [Fact]
    public async Task Turns_that_wait_for_the_provider_block_no_device_and_no_thread()
    {
        int waiting = TestSize.Of("FASTGATE_WAITING", 500);
        int pingers = TestSize.Of("FASTGATE_PINGERS", 100);
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            static (_, request) => request.LastUser == "wait" ? LlmReply.Silent() : LlmReply.Says("answer。"),
            [.. ConversationGateway.LongTimeouts, $"--FastGate:Workers:Conversation:Concurrency={waiting + 100}"]);
        DeviceClient[] others = await ConnectAsync(talk, "pinger", pingers);
        DeviceClient[] silent = await ConnectAsync(talk, "silent", waiting);
        try
        {
            // Warm up every path with a tenth of the load.
            await others[0].SayAsync("hello");
            await PingAllAsync(others);
            int few = Math.Max(1, waiting / 10);
            await Task.WhenAll(silent[..few].Select(static device => device.SendAsync(DeviceTexts.Detect("wait"))));
            await talk.Llm.Requests.ReachAsync(1 + few);
            await PingAllAsync(others);
            int before = PosixProcess.Threads(talk.Gateway.ProcessId);

            await Task.WhenAll(silent[few..].Select(static device => device.SendAsync(DeviceTexts.Detect("wait"))));
            await talk.Llm.Requests.ReachAsync(1 + waiting);
            await PingAllAsync(others);
            int during = PosixProcess.Threads(talk.Gateway.ProcessId);
            Assert.Equal(waiting, (int)(await talk.Admin.StatusAsync())["conversation"]!["inFlight"]!);

            // Other devices can run turns, and waiting devices get their pings answered.
            Assert.Equal(["answer。"], (await others[0].SayAsync("and now?")).Sentences());
            foreach (DeviceClient device in silent)
            {
                await device.PingAsync();
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{before} threads with {few} devices waiting, {during} with {waiting}"));
            Assert.True(during <= before + Slack, $"{before} threads with {few} waiting devices, {during} with {waiting}");

            foreach (DeviceClient device in silent)
            {
                device.Drop();
            }

            await talk.Llm.Gone.ReachAsync(waiting);
            await talk.IdleAsync();
        }
        finally
        {
            Array.ForEach([.. others, .. silent], static device => device.Drop());
        }
    }

    private static Task PingAllAsync(DeviceClient[] devices) => Task.WhenAll(devices.Select(static async device =>
    {
        for (int i = 0; i < Pings; i++)
        {
            await device.PingAsync();
        }
    }));

    private static async Task<DeviceClient[]> ConnectAsync(ConversationGateway talk, string name, int count)
    {
        List<DeviceClient> devices = [];
        foreach (int[] some in Enumerable.Range(0, count).Chunk(50))
        {
            devices.AddRange(await Task.WhenAll(some.Select(i => DeviceClient.ConnectAsync(talk.Gateway, $"{name}{i}"))));
        }

        return [.. devices];
    }
}
