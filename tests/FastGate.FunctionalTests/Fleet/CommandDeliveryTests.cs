using System.Net;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Restarts;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Fleet;

/// <summary>A command that was accepted reaches its device once, whatever happens to the server in between.</summary>
public sealed class CommandDeliveryTests : IDisposable
{
    internal const string HelloWithTools = """{"type":"hello","version":1,"features":{"mcp":true}}""";

    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-commands-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Killed_server_delivers_after_its_next_start_in_order()
    {
        string[] ids = new string[3];
        await using (GatewayProcess gateway = await GatewayProcess.StartAsync([], _directory))
        {
            using FleetClient fleet = new(gateway);
            for (int i = 0; i < ids.Length; i++)
            {
                ids[i] = await fleet.CommandAsync("lamp", Numbered(i), $"key-{i}");
            }

            await gateway.KillAsync();
        }

        await using (GatewayProcess gateway = await GatewayProcess.StartAsync([], _directory))
        {
            using FleetClient fleet = new(gateway);

            // The operator has not seen the answer and asks again: the command is the same one.
            Assert.Equal(ids[1], await fleet.CommandAsync("lamp", Numbered(1), "key-1"));
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "lamp");
            await device.HelloAsync();
            for (int i = 0; i < ids.Length; i++)
            {
                Assert.Equal(i, (int)(await device.ReceiveAsync())["number"]!);
            }

            await Eventually.ValueAsync(() => fleet.StateAsync(ids[2]), static state => state == "acknowledged");
            Assert.Equal("acknowledged", await fleet.StateAsync(ids[0]));
            await device.PingAsync();
        }
    }

    /// <summary>The device has answered, and the server is killed before the operator looks.</summary>
    [Fact]
    public async Task Answer_of_a_device_is_known_after_a_kill()
    {
        string id;
        await using (GatewayProcess gateway = await GatewayProcess.StartAsync([], _directory))
        {
            using FleetClient fleet = new(gateway);
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "lamp");
            await device.SendAsync(HelloWithTools);
            await ListToolsAsync(device);
            id = await fleet.CommandAsync("lamp", """{"tool":"self.light.on"}""", "on");
            await AnswerAsync(device, await device.ReceiveAsync(), """{"content":[{"type":"text","text":"is on"}]}""");
            await Eventually.ValueAsync(() => fleet.StateAsync(id), static state => state == "acknowledged");
            await gateway.KillAsync();
        }

        await using (GatewayProcess gateway = await GatewayProcess.StartAsync([], _directory))
        {
            using FleetClient fleet = new(gateway);
            Assert.Equal(id, await fleet.CommandAsync("lamp", """{"tool":"self.light.on"}""", "on"));
            JsonNode command = await fleet.FindAsync(id);
            Assert.Equal(("acknowledged", "is on"), ((string?)command["state"], (string?)command["result"]));
        }
    }

    /// <summary>The restart does not wait for a device that takes longer than it may; what the device answers later has no command any more.</summary>
    [Fact]
    public async Task Restart_in_place_ends_the_wait_for_a_device_that_does_not_answer_in_time()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(["--FastGate:Restart:TurnWait=00:00:00.1"], _directory);
        using FleetClient fleet = new(gateway);
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "lamp");
        await device.SendAsync(HelloWithTools);
        await ListToolsAsync(device);
        string sent = await fleet.CommandAsync("lamp", """{"tool":"self.light.on"}""");
        JsonObject call = await device.ReceiveAsync();
        string behind = await fleet.CommandAsync("lamp", """{"tool":"self.light.off"}""");

        await RestartRequest.RunAsync(gateway);

        JsonObject next = await device.ReceiveAsync();
        await AnswerAsync(device, call, "{}");
        await AnswerAsync(device, next, """{"content":[{"type":"text","text":"is off"}]}""");
        await Eventually.ValueAsync(() => fleet.StateAsync(behind), static state => state == "acknowledged");
        JsonNode command = await fleet.FindAsync(sent);
        Assert.Equal("failed", (string?)command["state"]);
        Assert.StartsWith("unknown outcome", (string?)command["reason"], StringComparison.Ordinal);
        Assert.Equal("is off", (string?)(await fleet.FindAsync(behind))["result"]);
    }

    /// <summary>The tool may have acted before the kill, so the command is reported and not repeated.</summary>
    [Fact]
    public async Task Command_that_was_sent_before_a_kill_fails_with_an_unknown_outcome()
    {
        string id;
        await using (GatewayProcess gateway = await GatewayProcess.StartAsync([], _directory))
        {
            using FleetClient fleet = new(gateway);
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "lamp");
            await device.SendAsync(HelloWithTools);
            await ListToolsAsync(device);
            id = await fleet.CommandAsync("lamp", """{"tool":"self.reboot"}""");
            Assert.Equal("tools/call", Method(await device.ReceiveAsync()));
            await gateway.KillAsync();
        }

        await using (GatewayProcess gateway = await GatewayProcess.StartAsync([], _directory))
        {
            using FleetClient fleet = new(gateway);
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "lamp");
            await device.SendAsync(HelloWithTools);
            await ListToolsAsync(device);
            JsonNode command = await fleet.FindAsync(id);
            Assert.Equal("failed", (string?)command["state"]);
            Assert.StartsWith("unknown outcome", (string?)command["reason"], StringComparison.Ordinal);

            // The next message is the answer to the ping: nothing was sent before it.
            await device.PingAsync();
        }
    }

    [Fact]
    public async Task Restart_in_place_keeps_what_waits_and_waits_for_the_answer_to_what_was_sent()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync([], _directory);
        using FleetClient fleet = new(gateway);
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "lamp");
        await device.SendAsync(HelloWithTools);
        await ListToolsAsync(device);
        string waiting = await fleet.CommandAsync("offline", """{"raw":{"type":"system","number":7}}""");
        string sent = await fleet.CommandAsync("lamp", """{"tool":"self.light.on","arguments":{"brightness":40}}""");
        JsonObject call = await device.ReceiveAsync();
        string behind = await fleet.CommandAsync("lamp", """{"tool":"self.light.off"}""");

        await fleet.SendAsync(HttpMethod.Post, "/api/v1/restart", expected: HttpStatusCode.Accepted);
        await AnswerAsync(device, call, """{"content":[{"type":"text","text":"on"}]}""");

        // No hello comes over an adopted connection: the new program sends the next command by itself, unless the old one was quick enough.
        await AnswerAsync(device, await device.ReceiveAsync(), """{"content":[{"type":"text","text":"off"}]}""");
        await RestartRequest.FinishedAsync(gateway, 1);
        await Eventually.ValueAsync(() => fleet.StateAsync(behind), static state => state == "acknowledged");
        JsonNode command = await fleet.FindAsync(sent);
        Assert.Equal(("acknowledged", "on"), ((string?)command["state"], (string?)command["result"]));
        await using DeviceClient offline = await DeviceClient.ConnectAsync(gateway, "offline");
        await offline.HelloAsync();
        Assert.Equal(7, (int)(await offline.ReceiveAsync())["number"]!);
        await Eventually.ValueAsync(() => fleet.StateAsync(waiting), static state => state == "acknowledged");
    }

    private static string Numbered(int number) => $$"""{"raw":{"type":"system","number":{{number}} } }""";

    internal static async Task ListToolsAsync(DeviceClient device)
    {
        Assert.Equal("hello", (string?)(await device.ReceiveAsync())["type"]);
        await AnswerAsync(device, await device.ReceiveAsync(), "{}");
        Assert.Equal("notifications/initialized", Method(await device.ReceiveAsync()));
        await AnswerAsync(device, await device.ReceiveAsync(), """{"tools":[{"name":"self.reboot","description":"","inputSchema":{"type":"object"}}]}""");
    }

    private static string? Method(JsonObject message) => (string?)message["payload"]!["method"];

    private static Task AnswerAsync(DeviceClient device, JsonObject request, string result) => device.SendAsync(
        $$"""{"type":"mcp","payload":{"jsonrpc":"2.0","id":{{request["payload"]!["id"]!.ToJsonString()}},"result":{{result}} } }""");
}
