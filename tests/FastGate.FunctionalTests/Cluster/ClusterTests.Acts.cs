using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Fleet;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Cluster;

/// <content>Acts on the API of one node about devices of the other one.</content>
public sealed partial class ClusterTests
{
    [RequiresProgramFact(RequiredProgram.Redis)]
    public async Task A_command_reaches_its_device_on_the_other_node_once_for_each_key()
    {
        using FleetClient first = new(cluster.First);
        using FleetClient second = new(cluster.Second);
        await using DeviceClient lamp = await ConnectAsync(cluster.Second, "lamp");

        string id = await first.CommandAsync("lamp", Numbered(1), "lamp-1");
        Assert.Equal(1, (int)(await lamp.ReceiveAsync())["number"]!);
        await Eventually.ValueAsync(() => first.StateAsync(id), static state => state == "acknowledged");

        // The operator asks again, at either node: it is the same command.
        Assert.Equal(id, await first.CommandAsync("lamp", Numbered(1), "lamp-1"));
        Assert.Equal(id, await second.CommandAsync("lamp", Numbered(1), "lamp-1"));
        await second.CommandAsync("lamp", Numbered(2));
        Assert.Equal(2, (int)(await lamp.ReceiveAsync())["number"]!);
        JsonNode page = (await first.SendAsync(HttpMethod.Get, "/api/v1/devices/lamp/commands?limit=1"))!;
        JsonNode older = (await first.SendAsync(HttpMethod.Get, $"/api/v1/devices/lamp/commands?limit=1&after={page["next"]}"))!;
        Assert.Equal((2, id), ((int)page["total"]!, (string?)Assert.Single(older["commands"]!.AsArray())!["id"]));
        await first.SendAsync(HttpMethod.Delete, $"/api/v1/commands/{id}", expected: HttpStatusCode.Conflict);
        await first.SendAsync(HttpMethod.Get, "/api/v1/commands/1", expected: HttpStatusCode.NotFound);
    }

    [RequiresProgramFact(RequiredProgram.Redis)]
    public async Task Commands_for_a_device_that_is_away_are_sent_in_order_by_the_node_that_it_connects_to()
    {
        using FleetClient first = new(cluster.First);
        using FleetClient second = new(cluster.Second);
        string[] ids = [await first.CommandAsync("fridge", Numbered(1)), await second.CommandAsync("fridge", Numbered(2)), await first.CommandAsync("fridge", Numbered(3))];
        await second.SendAsync(HttpMethod.Delete, $"/api/v1/commands/{ids[1]}");
        await using DeviceClient fridge = await ConnectAsync(cluster.Second, "fridge");

        Assert.Equal(1, (int)(await fridge.ReceiveAsync())["number"]!);
        Assert.Equal(3, (int)(await fridge.ReceiveAsync())["number"]!);
        await Eventually.ValueAsync(() => first.StateAsync(ids[2]), static state => state == "acknowledged");
        Assert.Equal(("acknowledged", "cancelled"), (await first.StateAsync(ids[0]), await first.StateAsync(ids[1])));
    }

    [RequiresProgramFact(RequiredProgram.Redis)]
    public async Task A_message_and_a_kick_reach_a_device_of_the_other_node()
    {
        using FleetClient first = new(cluster.First);
        await using DeviceClient radio = await ConnectAsync(cluster.Second, "radio");

        await first.SendAsync(HttpMethod.Post, "/api/v1/devices/radio/message", """{"kind":"system","text":"hello from the first"}""", HttpStatusCode.Accepted);
        Assert.Contains("hello from the first", await radio.ReceiveTextAsync(), StringComparison.Ordinal);
        await first.SendAsync(HttpMethod.Post, "/api/v1/devices/radio/message", """{"kind":"song","text":"x"}""", HttpStatusCode.BadRequest);
        await first.SendAsync(HttpMethod.Post, "/api/v1/devices/radio/kick");
        Assert.NotNull(await radio.ReceiveCloseAsync());
        await first.SendAsync(HttpMethod.Post, "/api/v1/devices/nowhere/kick", expected: HttpStatusCode.NotFound);

        // Both nodes have the act in their audit logs.
        foreach (GatewayProcess node in (GatewayProcess[])[cluster.First, cluster.Second])
        {
            using AdminClient admin = new(node);
            Assert.Contains((await admin.GetAsync("/api/v1/audit"))["acts"]!.AsArray(), static act => ((string?)act!["act"], (string?)act["target"]) == ("device.kick", "radio"));
        }
    }

    [RequiresProgramFact(RequiredProgram.Redis)]
    public async Task An_act_with_a_filter_is_done_by_all_nodes()
    {
        using FleetClient first = new(cluster.First);
        await using DeviceClient here = await ConnectAsync(cluster.First, "herd-1");
        await using DeviceClient there = await ConnectAsync(cluster.Second, "herd-2");

        const string Message = """{"filter":{"prefix":"herd-"},"kind":"system","text":"all of you"}""";
        JsonNode sent = (await first.SendAsync(HttpMethod.Post, "/api/v1/message", Message, HttpStatusCode.Accepted))!;
        Assert.Equal(2, (int)sent["matched"]!);

        // A node that another test has killed may still have its lease.
        Assert.DoesNotContain("second", sent["problems"]?.ToJsonString() ?? "", StringComparison.Ordinal);
        Assert.Contains("all of you", await here.ReceiveTextAsync(), StringComparison.Ordinal);
        Assert.Contains("all of you", await there.ReceiveTextAsync(), StringComparison.Ordinal);

        // Of the device that has the tag only its node knows that it is connected.
        await first.SendAsync(HttpMethod.Put, "/api/v1/devices/herd-2/tags", """{"tags":["cow"]}""");
        const string Tagged = """{"filter":{"tag":"cow"},"kind":"system","text":"moo"}""";
        await Eventually.ValueAsync(
            async () => (int)(await first.SendAsync(HttpMethod.Post, "/api/v1/message", Tagged, HttpStatusCode.Accepted))!["matched"]!, static matched => matched == 1);
        Assert.Contains("moo", await there.ReceiveTextAsync(), StringComparison.Ordinal);
        JsonNode kicked = (await first.SendAsync(HttpMethod.Post, "/api/v1/kick", """{"filter":{"prefix":"herd-"}}""", HttpStatusCode.Accepted))!;
        Assert.Equal(2, (int)kicked["matched"]!);
        Assert.NotNull(await here.ReceiveCloseAsync());
        Assert.NotNull(await there.ReceiveCloseAsync());
    }

    [RequiresProgramFact(RequiredProgram.Redis)]
    public async Task A_ban_counts_on_all_nodes_until_one_of_them_ends_it()
    {
        using FleetClient first = new(cluster.First);
        using FleetClient second = new(cluster.Second);
        await using DeviceClient crook = await ConnectAsync(cluster.Second, "crook");

        JsonNode ban = (await first.SendAsync(HttpMethod.Post, "/api/v1/bans", """{"device":"crook","minutes":60}""", HttpStatusCode.Created))!;
        Assert.NotNull(await crook.ReceiveCloseAsync());
        await Assert.ThrowsAsync<WebSocketException>(() => DeviceClient.ConnectAsync(cluster.Second, "crook"));
        await Assert.ThrowsAsync<WebSocketException>(() => DeviceClient.ConnectAsync(cluster.First, "crook"));
        await using (GatewayProcess later = await GatewayProcess.StartAsync(ClusterFixture.Arguments(cluster.Redis, "later")))
        {
            using FleetClient third = new(later);
            await Eventually.ValueAsync(() => BansAsync(third), static bans => bans == 1);
        }

        await second.SendAsync(HttpMethod.Delete, $"/api/v1/bans/{ban["id"]}", expected: HttpStatusCode.NoContent);
        await Eventually.ValueAsync(() => BansAsync(first), static bans => bans == 0);
        await using DeviceClient back = await ConnectAsync(cluster.First, "crook");
        await back.PingAsync();
        await first.SendAsync(HttpMethod.Delete, $"/api/v1/bans/{ban["id"]}", expected: HttpStatusCode.NotFound);
    }

    [RequiresProgramFact(RequiredProgram.Redis)]
    public async Task A_reload_of_all_nodes_is_an_act_of_each()
    {
        using FleetClient first = new(cluster.First);
        using AdminClient second = new(cluster.Second);
        await first.SendAsync(HttpMethod.Post, "/api/v1/reload?nodes=some", expected: HttpStatusCode.BadRequest);
        await first.SendAsync(HttpMethod.Post, "/api/v1/reload?nodes=all", key: "reload-all");
        Assert.Contains(
            (await second.GetAsync("/api/v1/audit"))["acts"]!.AsArray(), static act => ((string?)act!["act"], (string?)act["requestId"], (int)act["status"]!) == ("reload", "reload-all", 200));
    }

    [RequiresProgramFact(RequiredProgram.Redis)]
    public async Task A_trace_has_the_lines_of_a_device_of_the_other_node_and_ends_there_too()
    {
        using FleetClient first = new(cluster.First);
        using FleetClient second = new(cluster.Second);
        using HttpClient http = new() { Timeout = Deadline.Hang };
        await using DeviceClient lathe = await ConnectAsync(cluster.Second, "lathe");
        JsonNode trace = (await first.SendAsync(HttpMethod.Post, "/api/v1/traces", """{"device":"lathe","minutes":5}""", HttpStatusCode.Created))!;
        Assert.DoesNotContain("second", trace["problems"]?.ToJsonString() ?? "", StringComparison.Ordinal);
        using HttpResponseMessage stream = await http.GetAsync(cluster.First.AdminUri($"/api/v1/traces/{trace["id"]}"), HttpCompletionOption.ResponseHeadersRead);
        using StreamReader reader = new(await stream.Content.ReadAsStreamAsync());
        using CancellationTokenSource hang = new(Deadline.Hang);
        await lathe.PingAsync();

        Assert.Equal(("lathe", "in", "ping"), Line(await reader.ReadLineAsync(hang.Token)));
        await first.SendAsync(HttpMethod.Delete, $"/api/v1/traces/{trace["id"]}", expected: HttpStatusCode.NoContent);
        string? line;
        do
        {
            line = await reader.ReadLineAsync(hang.Token);
        }
        while (line is not null && !line.Contains("trace_ended", StringComparison.Ordinal));
        Assert.Contains("request", line, StringComparison.Ordinal);
        await Eventually.ValueAsync(async () => (await second.SendAsync(HttpMethod.Get, "/api/v1/traces"))!["traces"]!.AsArray().Count, static running => running == 0);
    }

    private static (string?, string?, string?) Line(string? text)
    {
        JsonNode line = JsonNode.Parse(text!)!;
        return ((string?)line["device"], (string?)line["direction"], (string?)line["message"]?["type"]);
    }

    private static async Task<int> BansAsync(FleetClient fleet) => (int)(await fleet.SendAsync(HttpMethod.Get, "/api/v1/bans"))!["total"]!;

    private static string Numbered(int number) => $$"""{"raw":{"type":"system","number":{{number}} } }""";

    /// <summary>A device that has said hello and is known to all nodes.</summary>
    private static async Task<DeviceClient> ConnectAsync(GatewayProcess gateway, string device)
    {
        DeviceClient client = await DeviceClient.ConnectAsync(gateway, device);
        await client.HelloAsync();
        await ClaimedAsync(gateway, device);
        return client;
    }
}
