using System.Net.WebSockets;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>A stop during turns: accepted turns finish and are saved, new turns are declined.</summary>
public sealed class DrainTurnTests
{
    [Fact]
    public async Task Running_and_waiting_turns_finish_before_1001_and_are_saved()
    {
        TaskCompletionSource go = new();
        string directory = Directory.CreateTempSubdirectory("fastgate-drain-").FullName;
        FakeOpenAiServer llm = await FakeOpenAiServer.StartAsync((_, request) => LlmReply.Slow(go.Task, "re ", request.LastUser, "。", "完。"));
        try
        {
            string[] options =
            [
                .. ConversationGateway.ProviderAt(llm.Address),
                .. ConversationGateway.LongTimeouts,
                "--FastGate:Drain:Deadline=00:01:00",
                "--FastGate:Workers:Conversation:Concurrency=5",
                "--FastGate:Session:BusyText=太忙了。",
            ];
            await using GatewayProcess gateway = await GatewayProcess.StartAsync(options, directory);

            // Five turns run, three wait in the queue, and one device is idle.
            DeviceClient[] devices = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => DeviceClient.ConnectAsync(gateway, $"device{i}")));
            await using DeviceClient idle = await DeviceClient.ConnectAsync(gateway, "idle");
            for (int i = 0; i < devices.Length; i++)
            {
                await devices[i].SendAsync(DeviceTexts.Detect($"question {i}"));
                await devices[i].PingAsync();
            }

            await llm.Requests.ReachAsync(5);
            gateway.Signal(PosixProcess.SigTerm);
            await WaitForDrainAsync(gateway);

            // Pings are still answered; new turns are declined.
            await idle.PingAsync();
            Assert.Equal(["太忙了。"], (await idle.SayAsync("one more thing")).Sentences());
            Assert.Null(idle.CloseStatus);

            go.SetResult();
            for (int i = 0; i < devices.Length; i++)
            {
                IReadOnlyList<JsonObject> turn = await devices[i].ReceiveUntilAsync("tts", "stop");
                Assert.Equal($"re question {i}。完。", Transcript.Spoken(turn));
                Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await devices[i].ReceiveCloseAsync());
            }

            Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await idle.ReceiveCloseAsync());
            Array.ForEach(devices, static device => device.Drop());
            idle.Drop();
            Assert.Equal(0, await gateway.WaitForExitAsync());
            ILookup<string, (string User, string Assistant)> kept = StoredTurns.Read(gateway.DatabasePath);
            for (int i = 0; i < devices.Length; i++)
            {
                Assert.Equal([($"question {i}", $"re question {i}。完。")], kept[$"device{i}"]);
            }
        }
        finally
        {
            await llm.DisposeAsync();
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Turn_cut_off_by_the_deadline_is_saved_up_to_the_last_complete_sentence()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-drain-").FullName;
        FakeOpenAiServer llm = await FakeOpenAiServer.StartAsync(static (_, _) => LlmReply.Stalls("听见了。", "没听"));
        try
        {
            string[] options = [.. ConversationGateway.ProviderAt(llm.Address), .. ConversationGateway.LongTimeouts, "--FastGate:Drain:Deadline=00:00:02"];
            await using GatewayProcess gateway = await GatewayProcess.StartAsync(options, directory);
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "cut");
            await device.SendAsync(DeviceTexts.Detect("question"));
            await device.ReceiveUntilAsync("tts", "sentence_start");
            gateway.Signal(PosixProcess.SigTerm);
            Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await device.ReceiveCloseAsync());
            device.Drop();
            Assert.Equal(0, await gateway.WaitForExitAsync());
            await llm.Gone.ReachAsync(1);
            (string user, string assistant) = Assert.Single(StoredTurns.Read(gateway.DatabasePath)["cut"]);
            Assert.Equal("question", user);
            Assert.StartsWith("听见了。", assistant, StringComparison.Ordinal);
            Assert.DoesNotContain("没听", assistant, StringComparison.Ordinal);
        }
        finally
        {
            await llm.DisposeAsync();
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Waits until the conversation workers drain, and asserts that the server is not ready.</summary>
    private static async Task WaitForDrainAsync(GatewayProcess gateway)
    {
        using AdminClient admin = new(gateway);
        await Eventually.TrueAsync(async () => (bool)(await admin.StatusAsync())["conversation"]!["draining"]!);
        Assert.False((bool)(await admin.StatusAsync())["ready"]!);
    }
}
