using System.Net;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Restarts;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Fleet;

/// <summary>A command that was accepted reaches its device once, whatever happens to the server in between.</summary>
public sealed class CommandDeliveryTests : IDisposable
{
    private const string HelloWithTools = """{"type":"hello","version":1,"features":{"mcp":true}}""";

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
                ids[i] = await fleet.CommandAsync("lamp", $$"""{"raw":{"type":"system","number":{{i}} } }""");
            }

            await gateway.KillAsync();
        }

        await using (GatewayProcess gateway = await GatewayProcess.StartAsync([], _directory))
        {
            using FleetClient fleet = new(gateway);
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "lamp");
            await device.HelloAsync();
            for (int i = 0; i < ids.Length; i++)
            {
                Assert.Equal(i, (int)(await device.ReceiveAsync())["number"]!);
            }

            await Eventually.ValueAsync(() => fleet.StateAsync(ids[2]), static state => state == "acknowledged");
            Assert.Equal("acknowledged", await fleet.StateAsync(ids[0]));
        }
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

    private static async Task ListToolsAsync(DeviceClient device)
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
