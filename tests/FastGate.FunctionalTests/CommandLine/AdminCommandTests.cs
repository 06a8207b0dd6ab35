using System.Net.WebSockets;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.CommandLine;

/// <summary>The commands of the executable against a running server, which they find by the working directory.</summary>
public sealed class AdminCommandTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task Status_finds_the_server_and_shows_it()
    {
        ServerCommand text = await RunAsync("status");
        Assert.Equal((0, ""), (text.ExitCode, text.Errors));
        Assert.Contains($"admin listener      127.0.0.1:{fixture.Gateway.AdminPort}", text.Output, StringComparison.Ordinal);

        JsonNode json = (await RunAsync("status", "--json")).Json;
        Assert.Equal(fixture.Gateway.ProcessId, (int)json["process"]!["id"]!);

        ServerCommand named = await ServerCommand.RunAsync(Path.GetTempPath(), "status", "--json", "--server", $"127.0.0.1:{fixture.Gateway.AdminPort}");
        Assert.Equal(fixture.Gateway.ProcessId, (int)named.Json["process"]!["id"]!);
    }

    [Fact]
    public async Task Device_is_listed_shown_tagged_and_kicked()
    {
        await using DeviceClient device = await DeviceClient.ConnectAsync(fixture.Gateway, "cli-kick/1");
        await device.HelloAsync();

        Assert.Equal(["cli-kick/1"], (await RunAsync("devices", "list", "--prefix", "cli-kick", "--json")).Items.Select(static item => (string)item["deviceId"]!));
        Assert.Contains("cli-kick/1", (await RunAsync("devices", "list")).Output, StringComparison.Ordinal);
        Assert.Equal("cli-kick/1", (string?)(await RunAsync("devices", "show", "cli-kick/1", "--json")).Json["deviceId"]);
        Assert.Equal(5, (await RunAsync("devices", "show", "cli-absent")).ExitCode);

        ServerCommand tagged = await RunAsync("tags", "set", "cli-kick/1", "lobby", "floor-2");
        Assert.Equal((0, ""), (tagged.ExitCode, tagged.Errors));
        Assert.Equal("floor-2\nlobby\n", string.Join('\n', (await RunAsync("tags", "show", "cli-kick/1")).Output.Split('\n').Order(StringComparer.Ordinal)).TrimStart('\n') + "\n");
        Assert.Single((await RunAsync("devices", "list", "--tag", "lobby", "--json")).Items);
        Assert.Empty((await RunAsync("devices", "list", "--tag", "attic", "--json")).Items);

        ServerCommand kicked = await RunAsync("devices", "kick", "cli-kick/1", "--reason", "moved", "--request-id", "kick-1");
        Assert.Equal((0, "cli-kick/1: disconnected\n", ""), (kicked.ExitCode, kicked.Output, kicked.Errors));
        Assert.NotNull(await device.ReceiveCloseAsync());

        // The same request id with another act is refused.
        ServerCommand reused = await RunAsync("devices", "kick", "cli-other", "--request-id", "kick-1");
        Assert.Equal(1, reused.ExitCode);
        Assert.NotEmpty(reused.Errors);
        Assert.Contains((await RunAsync("audit", "--json")).Items, static act => (string?)act["requestId"] == "kick-1");
    }

    [Fact]
    public async Task Devices_of_a_filter_are_kicked_together()
    {
        await using DeviceClient first = await DeviceClient.ConnectAsync(fixture.Gateway, "cli-many-1");
        await using DeviceClient second = await DeviceClient.ConnectAsync(fixture.Gateway, "cli-many-2");
        await first.HelloAsync();
        await second.HelloAsync();

        Assert.Equal(2, (await RunAsync("devices", "kick", "--prefix", "cli-many")).ExitCode);
        ServerCommand kicked = await RunAsync("devices", "kick", "--prefix", "cli-many", "--rate", "100", "--yes");
        Assert.Equal((0, "2 devices are being disconnected\n"), (kicked.ExitCode, kicked.Output));
        Assert.NotNull(await first.ReceiveCloseAsync());
        Assert.NotNull(await second.ReceiveCloseAsync());
    }

    [Fact]
    public async Task Banned_device_is_refused_until_the_ban_is_removed()
    {
        ServerCommand banned = await RunAsync("ban", "add", "cli-banned", "--minutes", "10", "--reason", "stolen", "--json");
        Assert.Equal((0, ""), (banned.ExitCode, banned.Errors));
        await Assert.ThrowsAsync<WebSocketException>(() => DeviceClient.ConnectAsync(fixture.Gateway, "cli-banned"));

        JsonObject listed = Assert.Single((await RunAsync("ban", "--json")).Items);
        Assert.Equal(("cli-banned", "stolen"), ((string?)listed["device"], (string?)listed["reason"]));
        string id = listed["id"]!.ToString();
        Assert.Equal(0, (await RunAsync("ban", "remove", id)).ExitCode);
        Assert.Equal(5, (await RunAsync("ban", "remove", id)).ExitCode);
        await using DeviceClient device = await DeviceClient.ConnectAsync(fixture.Gateway, "cli-banned");
        await device.HelloAsync();
    }

    [Fact]
    public async Task Memory_is_exported_and_erased()
    {
        await using DeviceClient device = await DeviceClient.ConnectAsync(fixture.Gateway, "cli-memory");
        await device.HelloAsync();
        await device.SayAsync("remember the lighthouse");
        IReadOnlyList<JsonObject> turns = await Eventually.ValueAsync(
            async () => (await RunAsync("memory", "export", "cli-memory")).Items, static found => found.Count > 0);
        Assert.Contains("lighthouse", Assert.Single(turns).ToJsonString(), StringComparison.Ordinal);

        Assert.Equal(2, (await RunAsync("memory", "erase", "cli-memory")).ExitCode);
        Assert.Equal("cli-memory: 1 turns erased\n", (await RunAsync("memory", "erase", "cli-memory", "--yes")).Output);
        Assert.Empty((await RunAsync("memory", "export", "cli-memory")).Items);
    }

    [Fact]
    public async Task Other_reads_and_acts_answer()
    {
        Assert.Contains("PURPOSE", (await RunAsync("llm")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("handshakes", "--limit", "5")).ExitCode);
        Assert.Equal("FastGate: Debug\n", (await RunAsync("log-level", "Debug", "--category", "FastGate", "--minutes", "1")).Output);
        Assert.Contains("Debug", (await RunAsync("log-level")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("log-level", "--category", "FastGate", "--reset")).ExitCode);
        Assert.Equal("the configuration is reloaded\n", (await RunAsync("reload")).Output);
    }

    [Fact]
    public async Task Message_is_spoken_by_a_device()
    {
        await using DeviceClient device = await DeviceClient.ConnectAsync(fixture.Gateway, "cli-message");
        await device.HelloAsync();
        Assert.Equal("cli-message: sent\n", (await RunAsync("devices", "send", "cli-message", "--speak", "the update begins")).Output);
        Assert.Contains(await device.ReceiveUntilAsync("tts", "stop"), static message => message.ToJsonString().Contains("the update begins", StringComparison.Ordinal));
    }

    private Task<ServerCommand> RunAsync(params string[] words) => ServerCommand.RunAsync(fixture.Gateway, words);
}
