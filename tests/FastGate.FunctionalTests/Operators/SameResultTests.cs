using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Dashboard;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Operators;

/// <summary>
/// Every act by the API, the command line and the dashboard, against one server with real connections. The expectation does not name the road: answer, what
/// the devices see, audit log and metrics are the same.
/// </summary>
public sealed partial class SameResultTests : IClassFixture<DashboardFixture>
{
    private const string Closed = "closed 1008";

    private readonly DashboardFixture _fixture;
    private readonly Dictionary<string, IOperatorRoad> _roads;

    public SameResultTests(DashboardFixture fixture)
    {
        _fixture = fixture;
        _roads = new Dictionary<string, IOperatorRoad>
        {
            ["api"] = new ApiRoad(fixture.Gateway),
            ["command"] = new CommandRoad(fixture.Gateway),
            ["browser"] = new BrowserRoad(fixture),
        };
    }

    public static TheoryData<string> Roads => ["api", "command", "browser"];

    private GatewayProcess Gateway => _fixture.Gateway;

    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [MemberData(nameof(Roads))]
    public async Task Kicked_device_sees_the_reason_and_is_closed(string road)
    {
        string id = $"kick-{road}";
        await using OperatorRecord record = await OperatorRecord.BeginAsync(Gateway, road);
        DeviceClient device = await record.HelloAsync(id);

        JsonNode? answer = await _roads[road].ActAsync(new OperatorAct("POST", $"devices/{id}/kick", """{"reason":"moved"}""", ["devices", "kick", id, "--reason", "moved"], $"devices/{id}", "kick")
        {
            DialogInputs = [("reason", "moved")],
        });

        Assert.Equal("""{"deviceId":"kick-ROAD"}""", OperatorText.Of(answer, road));
        Assert.Equal([Alert("moved"), Closed], await record.SeenAsync(device));
        await record.AssertAsync(["device.kick kick-ROAD 200 done"], ["fastgate_connections_ended_total reason=kicked by 1"]);
    }

    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [MemberData(nameof(Roads))]
    public async Task Devices_of_a_filter_are_closed_and_others_stay(string road)
    {
        await using OperatorRecord record = await OperatorRecord.BeginAsync(Gateway, road);
        DeviceClient[] devices = [await record.HelloAsync($"many-1-{road}"), await record.HelloAsync($"many-2-{road}"), await record.HelloAsync($"many-3-{road}")];
        DeviceClient other = await record.HelloAsync($"other-{road}");

        JsonNode? answer = await _roads[road].ActAsync(new OperatorAct(
            "POST", "kick", """{"filter":{"prefix":"many-"},"rate":100}""", ["devices", "kick", "--prefix", "many-", "--rate", "100", "--yes"], "devices", "kick")
        {
            PageInputs = [("prefix", "many-")],
            Ready = "document.querySelector('[data-total]').dataset.total === '3'",
            DialogInputs = [("rate", "100")],
        });

        Assert.Equal("""{"matched":3}""", OperatorText.Of(answer, road));
        foreach (DeviceClient device in devices)
        {
            Assert.Equal([Closed], await record.SeenAsync(device));
        }

        await other.PingAsync();
        await record.AssertAsync(["kick prefix=many- 202 done"], ["fastgate_connections_ended_total reason=kicked by 3"]);
    }

    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [MemberData(nameof(Roads))]
    public async Task Message_is_shown_on_one_device(string road)
    {
        string id = $"message-{road}";
        await using OperatorRecord record = await OperatorRecord.BeginAsync(Gateway, road);
        DeviceClient device = await record.HelloAsync(id);

        JsonNode? answer = await _roads[road].ActAsync(new OperatorAct(
            "POST", $"devices/{id}/message", """{"kind":"system","text":"维护 22:00 <b>"}""", ["devices", "send", id, "--system", "维护 22:00 <b>"], $"devices/{id}", "message")
        {
            DialogInputs = [("kind", "system"), ("text", "维护 22:00 <b>")],
        });

        Assert.Equal("""{"deviceId":"message-ROAD"}""", OperatorText.Of(answer, road));
        Assert.Equal(Alert("维护 22:00 <b>"), await record.NextAsync(device));
        await record.AssertAsync(["device.message message-ROAD 202 done"], []);
    }

    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [MemberData(nameof(Roads))]
    public async Task Message_is_spoken_by_the_devices_of_a_filter(string road)
    {
        await using OperatorRecord record = await OperatorRecord.BeginAsync(Gateway, road);
        DeviceClient[] devices = [await record.HelloAsync($"spoken-1-{road}"), await record.HelloAsync($"spoken-2-{road}")];
        await record.HelloAsync($"other-{road}");

        JsonNode? answer = await _roads[road].ActAsync(new OperatorAct(
            "POST", "message", """{"filter":{"prefix":"spoken-"},"kind":"speak","text":"Good evening."}""", ["devices", "send", "--prefix", "spoken-", "--speak", "Good evening.", "--yes"], "devices", "message")
        {
            PageInputs = [("prefix", "spoken-")],
            Ready = "document.querySelector('[data-total]').dataset.total === '2'",
            DialogInputs = [("kind", "speak"), ("text", "Good evening.")],
        });

        Assert.Equal("""{"matched":2}""", OperatorText.Of(answer, road));
        foreach (DeviceClient device in devices)
        {
            IReadOnlyList<JsonObject> spoken = await device.ReceiveUntilAsync("tts", "stop");
            Assert.Equal(["tts start", "tts sentence_start Good evening.", "tts stop"], spoken.Where(static message => (string?)message["type"] == "tts" && (string?)message["state"] != "sentence_end").Select(static message => $"tts {message["state"]} {message["text"]}".TrimEnd()));
        }

        await record.AssertAsync(["message prefix=spoken- 202 done"], []);
    }

    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [MemberData(nameof(Roads))]
    public async Task Command_is_acknowledged_by_a_connected_device(string road)
    {
        string id = $"tool-{road}";
        await using OperatorRecord record = await OperatorRecord.BeginAsync(Gateway, road);
        DeviceClient device = await record.HelloWithToolsAsync(id);

        JsonNode accepted = (await _roads[road].ActAsync(Command(id, """{"tool":"self.light.on","arguments":{"brightness":40},"timeout":10,"ttl":3600}""", "self.light.on", "--arguments", """{"brightness":40}""")))!;

        JsonObject call = await device.ReceiveAsync();
        Assert.Equal("""{"name":"self.light.on","arguments":{"brightness":40}}""", call["payload"]!["params"]!.ToJsonString());
        await OperatorRecord.AnswerAsync(device, call, """{"content":[{"type":"text","text":"on"}],"isError":false}""");
        Assert.Equal("""{"id":"*","deviceId":"tool-ROAD","tool":"self.light.on","state":"acknowledged","createdAt":"*","expiresAt":"*","sentAt":"*","endedAt":"*","result":"on","durable":true}""", await EndOfAsync(road, id, accepted));
        await record.AssertAsync(["device.command tool-ROAD 202 done"], ["fastgate_commands_ended_total state=acknowledged by 1"]);
    }

    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [MemberData(nameof(Roads))]
    public async Task Command_waits_for_the_next_hello_of_its_device(string road)
    {
        string id = $"offline-{road}";
        await using OperatorRecord record = await OperatorRecord.BeginAsync(Gateway, road);

        JsonNode accepted = (await _roads[road].ActAsync(Command(id, """{"raw":{"type":"system","number":7},"timeout":10,"ttl":3600}""", "--raw", """{"type":"system","number":7}""")))!;

        Assert.Equal("""{"id":"*","deviceId":"offline-ROAD","state":"queued","createdAt":"*","expiresAt":"*","durable":true}""", OperatorText.Of(accepted, road));
        Assert.Equal(TimeSpan.FromHours(1), (DateTimeOffset)accepted["expiresAt"]! - (DateTimeOffset)accepted["createdAt"]!);
        DeviceClient device = await record.HelloAsync(id);
        Assert.Equal("""{"type":"system","number":7}""", await record.NextAsync(device));
        Assert.Equal("""{"id":"*","deviceId":"offline-ROAD","state":"acknowledged","createdAt":"*","expiresAt":"*","sentAt":"*","endedAt":"*","durable":true}""", await EndOfAsync(road, id, accepted));
        await record.AssertAsync(["device.command offline-ROAD 202 done"], ["fastgate_commands_ended_total state=acknowledged by 1"]);
    }

    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [MemberData(nameof(Roads))]
    public async Task Tags_select_their_device(string road)
    {
        string id = $"tagged-{road}";
        await using OperatorRecord record = await OperatorRecord.BeginAsync(Gateway, road);
        DeviceClient device = await record.HelloAsync(id);

        JsonNode? answer = await _roads[road].ActAsync(new OperatorAct(
            "PUT", $"devices/{id}/tags", $$"""{"tags":["hall","only-{{road}}"]}""", ["tags", "set", id, "hall", $"only-{road}"], $"devices/{id}", "tags")
        {
            DialogInputs = [("tags", $"hall, only-{road}")],
        });

        Assert.Equal("""{"deviceId":"tagged-ROAD","tags":["hall","only-ROAD"],"durable":true}""", OperatorText.Of(answer, road));
        JsonNode found = await _fixture.Admin.GetAsync($"/api/v1/devices?tag=only-{road}");
        Assert.Equal([id], found["devices"]!.AsArray().Select(static one => (string)one!["deviceId"]!));
        await device.PingAsync();
        await record.AssertAsync(["device.tags tagged-ROAD 200 done"], []);
    }

    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [MemberData(nameof(Roads))]
    public async Task Banned_device_is_closed_and_refused_until_the_ban_is_lifted(string road)
    {
        string id = $"banned-{road}";
        await using OperatorRecord record = await OperatorRecord.BeginAsync(Gateway, road);
        DeviceClient device = await record.HelloAsync(id);

        JsonNode ban = (await _roads[road].ActAsync(new OperatorAct(
            "POST", "bans", $$"""{"device":"{{id}}","minutes":5,"reason":"noisy"}""", ["ban", "add", id, "--minutes", "5", "--reason", "noisy"], "fleet", "ban")
        {
            DialogInputs = [("target", id), ("minutes", "5"), ("reason", "noisy")],
        }))!;

        Assert.Equal("""{"id":"*","closed":1,"durable":true}""", OperatorText.Of(ban, road));
        Assert.Equal([Closed], await record.SeenAsync(device));
        Assert.Equal(403, await StatusAsync(id));
        string number = ban["id"]!.ToString();
        JsonNode? lifted = await _roads[road].ActAsync(new OperatorAct("DELETE", $"bans/{number}", null, ["ban", "remove", number], "fleet", "unban"));
        Assert.Equal("none", OperatorText.Of(lifted, road));
        await (await record.HelloAsync(id)).PingAsync();
        await record.AssertAsync(
            ["ban banned-ROAD 201 done", $"unban {number} 204 done"],
            ["fastgate_connections_ended_total reason=banned by 2", "fastgate_fleet_banned_total by 1"]);
    }

    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [MemberData(nameof(Roads))]
    public async Task Trace_shows_every_message_until_it_is_ended(string road)
    {
        string id = $"traced-{road}";
        await using OperatorRecord record = await OperatorRecord.BeginAsync(Gateway, road);
        await using IOperatorTrace trace = await _roads[road].TraceAsync(id);
        await Eventually.ValueAsync(() => _fixture.Admin.GetAsync("/api/v1/traces"), static running => running["traces"]!.AsArray().Count == 1);
        DeviceClient device = await record.HelloAsync(id);
        await device.PingAsync();
        device.Drop();
        await Eventually.TrueAsync(async () => (await trace.LinesAsync()).Any(static line => line.Contains("\"left\"", StringComparison.Ordinal)), Deadline.Program);

        await trace.EndAsync();

        Assert.Equal(
            "event connected\nin text hello\nout text hello\nin text ping\nout pong\nevent left\nevent trace_ended request",
            OperatorText.OfTrace(await Eventually.ValueAsync(trace.LinesAsync, static lines => lines.Count == 7), road));
        Assert.Empty((await _fixture.Admin.GetAsync("/api/v1/traces"))["traces"]!.AsArray());
        await record.AssertAsync(["trace traced-ROAD 201 done", "trace.end * 204 done"], ["fastgate_connections_ended_total reason=peer_vanished by 1"]);
    }

    private static OperatorAct Command(string id, string body, params string[] words)
    {
        JsonNode parsed = JsonNode.Parse(body)!;
        return new OperatorAct(
            "POST", $"devices/{id}/commands", body, ["command", "send", id, .. words, "--timeout", "10", "--ttl", "3600"], $"devices/{id}", "command")
        {
            DialogInputs = parsed["raw"] is { } raw ? [("arguments", raw.ToJsonString())] : [("tool", (string)parsed["tool"]!), ("arguments", parsed["arguments"]!.ToJsonString())],
        };
    }

    /// <summary>The command as this road shows it after its end.</summary>
    private async Task<string> EndOfAsync(string road, string deviceId, JsonNode accepted)
    {
        string id = (string)accepted["id"]!;
        await Eventually.ValueAsync(() => _fixture.Admin.GetAsync($"/api/v1/commands/{id}"), static command => (string?)command["state"] == "acknowledged");
        OperatorRead read = new($"commands/{id}", ["command", "show", id], $"devices/{deviceId}")
        {
            PagePath = $"devices/{deviceId}/commands?limit=20",
            PagePart = page => page["commands"]!.AsArray().First(command => (string?)command!["id"] == id)!,
        };
        return OperatorText.Of(await _roads[road].ReadAsync(read), road);
    }

    private async Task<int> StatusAsync(string deviceId)
    {
        using RawConnection connection = await RawConnection.OpenAsync(Gateway.DevicePort);
        await connection.SendAsync(DeviceTexts.Esp32Request(deviceId));
        return (await connection.ReadReplyAsync()).Status;
    }

    private static string Alert(string text) =>
        new JsonObject { ["type"] = "alert", ["status"] = "*", ["message"] = text, ["emotion"] = "neutral", ["session_id"] = "*" }.ToJsonString();
}
