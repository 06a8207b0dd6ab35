using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Restarts;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Admin;

/// <summary>What an operator does to devices through the API, as the devices see it.</summary>
public sealed class AdminActTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const string OtaBody = """{"application":{"name":"xiaozhi","version":"1.6.2"},"board":{"type":"bread-compact-wifi","mac":"x"}}""";

    [Fact]
    public async Task Kicked_device_sees_the_reason_and_may_connect_again()
    {
        await using DeviceClient device = await HelloAsync("kicked-1");
        await ActAsync(HttpMethod.Post, "/api/v1/devices/KICKED-1/kick", """{"reason":"moved"}""");

        JsonObject alert = (await device.ReceiveUntilAsync("alert"))[^1];
        Assert.Equal(("moved", "neutral"), ((string?)alert["message"], (string?)alert["emotion"]));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await device.ReceiveCloseAsync());
        await using DeviceClient again = await HelloAsync("kicked-1");
        JsonNode page = await Eventually.ValueAsync(
            () => fixture.Admin.GetAsync("/api/v1/devices/kicked-1"), static page => page["lastEnds"] is not null);
        Assert.Equal("kicked", (string?)page["lastEnds"]![0]!["reason"]);
        Assert.True((bool)page["connected"]!);
        await ActAsync(HttpMethod.Post, "/api/v1/devices/absent/kick", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Devices_that_match_are_kicked_and_others_stay()
    {
        List<DeviceClient> matching = [];
        for (int i = 0; i < 5; i++)
        {
            matching.Add(await HelloAsync($"many-{i}"));
        }

        await using DeviceClient other = await HelloAsync("other-1");

        JsonNode answer = (await ActAsync(HttpMethod.Post, "/api/v1/kick", """{"filter":{"prefix":"MANY-"},"rate":50}""", HttpStatusCode.Accepted))!;

        Assert.Equal(5, (int)answer["matched"]!);
        foreach (DeviceClient device in matching)
        {
            Assert.Equal(WebSocketCloseStatus.PolicyViolation, await device.ReceiveCloseAsync());
            await device.DisposeAsync();
        }

        await other.PingAsync();
        await ActAsync(HttpMethod.Post, "/api/v1/kick", """{"filter":{"prefixes":"x"}}""", HttpStatusCode.BadRequest);
        await ActAsync(HttpMethod.Post, "/api/v1/kick", "{}", HttpStatusCode.BadRequest);
        await other.PingAsync();
    }

    [Fact]
    public async Task Message_is_shown_or_spoken()
    {
        await using DeviceClient device = await HelloAsync("message-1");
        await ActAsync(HttpMethod.Post, "/api/v1/devices/message-1/message", """{"kind":"system","text":"维护 22:00"}""", HttpStatusCode.Accepted);
        JsonObject alert = (await device.ReceiveUntilAsync("alert"))[^1];
        Assert.Equal(("维护 22:00", device.SessionId), ((string?)alert["message"], (string?)alert["session_id"]));

        await ActAsync(HttpMethod.Post, "/api/v1/message", """{"filter":{"prefix":"message-"},"kind":"speak","text":"Good evening."}""", HttpStatusCode.Accepted);
        IReadOnlyList<JsonObject> spoken = await device.ReceiveUntilAsync("tts", "stop");
        Assert.Contains(spoken, static message => (string?)message["text"] == "Good evening.");
        Assert.DoesNotContain("Good evening", fixture.Gateway.Log, StringComparison.Ordinal);

        await using DeviceClient silent = await DeviceClient.ConnectAsync(fixture.Gateway, "message-2");
        await ActAsync(HttpMethod.Post, "/api/v1/devices/message-2/message", """{"kind":"speak","text":"x"}""", HttpStatusCode.NotFound);
        await ActAsync(HttpMethod.Post, "/api/v1/devices/message-1/message", """{"kind":"shout","text":"x"}""", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Banned_device_is_closed_and_refused_until_the_ban_ends()
    {
        await using DeviceClient device = await HelloAsync("banned-1");
        JsonNode ban = (await ActAsync(HttpMethod.Post, "/api/v1/bans", """{"device":"BANNED-1","minutes":5,"reason":"noisy"}""", HttpStatusCode.Created))!;
        Assert.Equal((1, true), ((int)ban["closed"]!, (bool)ban["durable"]!));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await device.ReceiveCloseAsync());

        using (RawConnection refused = await RawConnection.OpenAsync(fixture.Gateway.DevicePort))
        {
            await refused.SendAsync(DeviceTexts.Esp32Request("banned-1"));
            Assert.Equal(403, (await refused.ReadReplyAsync()).Status);
        }

        JsonObject record = (await fixture.Admin.HandshakesAsync()).First(static record => (string?)record["deviceId"] == "banned-1");
        Assert.Equal(("Banned", 403), ((string?)record["error"], (int)record["status"]!));
        Assert.Contains("noisy", (string?)record["detail"], StringComparison.Ordinal);
        Assert.Equal(1, await fixture.Admin.MetricAsync("fastgate_fleet_banned_total"));
        JsonNode listed = Assert.Single((await fixture.Admin.GetAsync("/api/v1/bans"))["bans"]!.AsArray())!;
        Assert.Equal(("banned-1", "noisy"), ((string?)listed["device"], (string?)listed["reason"]));

        await ActAsync(HttpMethod.Delete, $"/api/v1/bans/{ban["id"]}", null, HttpStatusCode.NoContent);
        await ActAsync(HttpMethod.Delete, $"/api/v1/bans/{ban["id"]}", null, HttpStatusCode.NotFound);
        await using DeviceClient again = await HelloAsync("banned-1");
    }

    [Fact]
    public async Task Records_and_idempotency_keys_survive_a_restart_in_place_and_a_new_process()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-test-").FullName;
        string command;
        try
        {
            await using (GatewayProcess gateway = await GatewayProcess.StartAsync([], directory))
            {
                await ActAsync(HttpMethod.Post, "/api/v1/bans", """{"device":"bad-1"}""", HttpStatusCode.Created, gateway);
                await ActAsync(HttpMethod.Put, "/api/v1/devices/good-1/tags", """{"tags":["hall"]}""", HttpStatusCode.OK, gateway);
                await ReportAsync(gateway, "good-1");
                await ReportAsync(gateway, "offline-1");
                command = await SubmitAsync(gateway);
                await RestartRequest.RunAsync(gateway);
                await AssertKeptAsync(gateway, command);
                await gateway.TerminateAsync();
            }

            await using GatewayProcess next = await GatewayProcess.StartAsync([], directory);
            await AssertKeptAsync(next, command);
            await ActAsync(HttpMethod.Post, "/api/v1/bans", """{"address":"127.0.0.0/8"}""", HttpStatusCode.Created, next);
            Assert.Equal(403, await StatusAsync(next, "good-1"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        static async Task AssertKeptAsync(GatewayProcess gateway, string command)
        {
            Assert.Equal(403, await StatusAsync(gateway, "bad-1"));
            await using DeviceClient good = await DeviceClient.ConnectAsync(gateway, "good-1");
            await using DeviceClient untagged = await DeviceClient.ConnectAsync(gateway, "plain-1");
            using AdminClient admin = new(gateway);
            JsonNode page = await admin.GetAsync("/api/v1/devices?tag=hall");
            Assert.Equal((1, "good-1"), ((int)page["total"]!, (string?)page["devices"]![0]!["deviceId"]));
            JsonNode found = await admin.GetAsync("/api/v1/devices?firmware=1.6.2&board=bread-compact-wifi");
            Assert.Equal("good-1", (string?)Assert.Single(found["devices"]!.AsArray())!["deviceId"]);
            Assert.Equal("1.6.2", (string?)(await admin.GetAsync("/api/v1/devices/offline-1"))["firmware"]);

            // The repeated act is not done again, and the audit log has both.
            Assert.Equal(command, await SubmitAsync(gateway));
            Assert.Equal(1, (int)(await admin.GetAsync("/api/v1/devices/offline-1/commands"))["total"]!);
            string[] acts = [.. (await admin.GetAsync("/api/v1/audit"))["acts"]!.AsArray().Select(static act => $"{act!["act"]} {act["target"]} {act["outcome"]}")];
            Assert.Contains("ban bad-1 done", acts);
            Assert.Equal(1, acts.Count(static act => act == "device.command offline-1 done"));
            Assert.Contains("device.command offline-1 repeated", acts);
        }

        static async Task<string> SubmitAsync(GatewayProcess gateway) =>
            (string)(await ActAsync(
                HttpMethod.Post, "/api/v1/devices/offline-1/commands", """{"raw":{"type":"system"}}""", HttpStatusCode.Accepted, gateway, "once"))!["id"]!;
    }

    [Fact]
    public async Task Page_of_a_device_has_firmware_board_and_the_stages_of_its_turns()
    {
        await ReportAsync(fixture.Gateway, "PAGE-1");
        await using (DeviceClient device = await HelloAsync("page-1"))
        {
            await device.SayAsync("hello there");
            JsonNode page = await Eventually.ValueAsync(
                () => fixture.Admin.GetAsync("/api/v1/devices/page-1"), static page => page["lastTurns"] is JsonArray { Count: > 0 });
            Assert.Equal(("1.6.2", "bread-compact-wifi", true), ((string?)page["firmware"], (string?)page["board"], (bool)page["helloSeen"]!));
            Assert.Equal(1, (int)page["counters"]!["turns"]!);
            JsonNode turn = page["lastTurns"]![0]!;
            Assert.Equal("Completed", (string?)turn["outcome"]);
            Assert.InRange((int)turn["waitMs"]! + (int)turn["firstTextMs"]!, 0, (int)turn["totalMs"]!);
            JsonNode list = await fixture.Admin.GetAsync("/api/v1/devices?firmware=1.6.2&board=bread-compact-wifi&address=127.0.0.0/8");
            Assert.Equal("page-1", (string?)Assert.Single(list["devices"]!.AsArray())!["deviceId"]);
        }

        JsonNode left = await Eventually.ValueAsync(
            () => fixture.Admin.GetAsync("/api/v1/devices/page-1"), static page => !(bool)page["connected"]!);
        Assert.Equal("1.6.2", (string?)left["firmware"]);
    }

    [Fact]
    public async Task Log_level_changes_at_once()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        Assert.DoesNotContain("leveled-1", gateway.Log, StringComparison.Ordinal);
        await ActAsync(HttpMethod.Put, "/api/v1/log-level", """{"category":"FastGate.Connections","level":"Debug","minutes":5}""", HttpStatusCode.OK, gateway);

        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "leveled-1");

        await Eventually.ValueAsync(() => Task.FromResult(gateway.Log), static log => log.Contains("leveled-1", StringComparison.Ordinal));
        Assert.Contains("log-level.change", gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reload_reports_what_it_did()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        JsonNode answer = (await ActAsync(HttpMethod.Post, "/api/v1/reload", null, HttpStatusCode.OK, gateway))!;
        Assert.False((bool)answer["changed"]!);

        string file = Path.Combine(gateway.WorkingDirectory, "appsettings.json");
        await File.WriteAllTextAsync(file, """{ "FastGate": { "Devices": { "Timeouts": { "Idle": "soon" } } } }""");
        JsonNode refused = (await ActAsync(HttpMethod.Post, "/api/v1/reload", null, HttpStatusCode.Conflict, gateway))!;
        Assert.Contains("Timeouts:Idle", (string?)refused["detail"], StringComparison.Ordinal);
    }

    /// <summary>The OTA request of a device.</summary>
    private static async Task ReportAsync(GatewayProcess gateway, string deviceId)
    {
        using HttpClient http = new() { Timeout = Deadline.Hang };
        using HttpRequestMessage ota = new(HttpMethod.Post, gateway.HttpUri("/xiaozhi/ota/")) { Content = new StringContent(OtaBody) };
        ota.Headers.Add("Device-Id", deviceId);
        ota.Headers.Add("Client-Id", "c");
        Assert.Equal("1.6.2", (string?)JsonNode.Parse(await (await http.SendAsync(ota)).Content.ReadAsStringAsync())!["firmware"]!["version"]);
    }

    private static async Task<int> StatusAsync(GatewayProcess gateway, string deviceId)
    {
        using RawConnection connection = await RawConnection.OpenAsync(gateway.DevicePort);
        await connection.SendAsync(DeviceTexts.Esp32Request(deviceId));
        return (await connection.ReadReplyAsync()).Status;
    }

    private async Task<DeviceClient> HelloAsync(string deviceId)
    {
        DeviceClient device = await DeviceClient.ConnectAsync(fixture.Gateway, deviceId);
        await device.HelloAsync();
        return device;
    }

    private Task<JsonNode?> ActAsync(HttpMethod method, string path, string? body, HttpStatusCode expected = HttpStatusCode.OK) =>
        ActAsync(method, path, body, expected, fixture.Gateway);

    private static async Task<JsonNode?> ActAsync(
        HttpMethod method, string path, string? body, HttpStatusCode expected, GatewayProcess gateway, string? key = null)
    {
        using HttpClient http = new() { Timeout = Deadline.Hang };
        using HttpRequestMessage request = new(method, gateway.AdminUri(path))
        {
            Content = body is null ? null : JsonContent.Create(JsonNode.Parse(body)),
        };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using HttpResponseMessage answer = await http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{method} {path} answered {answer.StatusCode}: {text}\n{gateway.Log}");
        return text.Length == 0 ? null : JsonNode.Parse(text);
    }
}
