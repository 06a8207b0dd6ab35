using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Restarts;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Operators;

/// <summary>Acts that concern the whole server.</summary>
public sealed partial class SameResultTests
{
    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [MemberData(nameof(Roads))]
    public async Task Drain_closes_refuses_and_is_cancelled(string road)
    {
        await using OperatorRecord record = await OperatorRecord.BeginAsync(Gateway, road);
        List<DeviceClient> devices = [];
        for (int i = 0; i < 20; i++)
        {
            devices.Add(await record.HelloAsync($"drained-{i}-{road}"));
        }

        DeviceClient other = await record.HelloAsync($"other-{road}");
        JsonNode? started = await _roads[road].ActAsync(new OperatorAct(
            "POST", "drain", """{"filter":{"prefix":"drained-"},"rate":1000,"close":1012}""", ["drain", "start", "--prefix", "drained-", "--rate", "1000", "--reconnect", "--yes"], "fleet", "drain")
        {
            PageInputs = [("prefix", "drained-"), ("rate", "1000"), ("close", "1012")],
        });

        Assert.Equal(
            """{"state":"*","startedAt":"*","filter":"prefix=drained-","rate":1000,"close":1012,"closed":"*","refused":0,"waiting":0,"remaining":"*"}""",
            OperatorText.Of(started, road, "state", "closed", "remaining"));
        foreach (DeviceClient device in devices)
        {
            Assert.Equal(["closed 1012"], await record.SeenAsync(device));
        }

        await Eventually.ValueAsync(() => _fixture.Admin.GetAsync("/api/v1/drain"), static report => (string?)report["state"] == "drained");
        Assert.Equal(503, await StatusAsync($"drained-1-{road}"));
        OperatorRead status = new("drain", ["drain", "status"], "fleet");
        Assert.Equal(
            """{"state":"drained","startedAt":"*","filter":"prefix=drained-","rate":1000,"close":1012,"closed":20,"refused":1,"waiting":0,"remaining":0}""",
            OperatorText.Of(await _roads[road].ReadAsync(status), road));
        JsonNode? cancelled = await _roads[road].ActAsync(new OperatorAct("DELETE", "drain", null, ["drain", "cancel"], "fleet", "drain-cancel"));
        Assert.Equal("none", (string?)cancelled!["state"]);
        await (await record.HelloAsync($"drained-1-{road}")).PingAsync();
        await other.PingAsync();
        await record.AssertAsync(
            ["drain prefix=drained- 202 done", "drain.cancel 200 done"],
            ["fastgate_connections_ended_total reason=draining by 1", "fastgate_connections_ended_total reason=moved by 20", "fastgate_drain_refused_total by 1"]);
    }

    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [MemberData(nameof(Roads))]
    public async Task Log_level_is_changed_and_returns(string road)
    {
        await using OperatorRecord record = await OperatorRecord.BeginAsync(Gateway, road);
        JsonNode? changed = await _roads[road].ActAsync(new OperatorAct(
            "PUT", "log-level", """{"category":"FastGate.Fleet","level":"Debug","minutes":5}""", ["log-level", "Debug", "--category", "FastGate.Fleet", "--minutes", "5"], "server", "log-level")
        {
            DialogInputs = [("category", "FastGate.Fleet"), ("level", "Debug"), ("minutes", "5")],
        });

        Assert.Contains("""{"category":"FastGate.Fleet","level":"Debug","source":"operator","until":"*"}""", OperatorText.Of(changed, road), StringComparison.Ordinal);
        OperatorRead levels = new("log-level", ["log-level"], "server");
        Assert.Equal(OperatorText.Of(changed, road), OperatorText.Of(await _roads[road].ReadAsync(levels), road));
        JsonNode? returned = await _roads[road].ActAsync(new OperatorAct(
            "PUT", "log-level", """{"category":"FastGate.Fleet"}""", ["log-level", "--category", "FastGate.Fleet", "--reset"], "server", "log-level")
        {
            DialogInputs = [("category", "FastGate.Fleet"), ("level", "")],
        });
        Assert.DoesNotContain("FastGate.Fleet", OperatorText.Of(returned, road), StringComparison.Ordinal);
        await record.AssertAsync(["log-level.change FastGate.Fleet 200 done", "log-level.change FastGate.Fleet 200 done"], []);
    }

    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [MemberData(nameof(Roads))]
    public async Task Reload_reports_that_nothing_has_changed(string road)
    {
        await using OperatorRecord record = await OperatorRecord.BeginAsync(Gateway, road);
        JsonNode? answer = await _roads[road].ActAsync(new OperatorAct("POST", "reload", null, ["reload"], "server", "reload"));
        Assert.Equal("""{"changed":false}""", OperatorText.Of(answer, road));
        await record.AssertAsync(["reload 200 done"], []);
    }

    /// <summary>The counters begin again with the new program; the audit log stays.</summary>
    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [MemberData(nameof(Roads))]
    public async Task Restart_keeps_the_devices(string road)
    {
        await using OperatorRecord record = await OperatorRecord.BeginAsync(Gateway, road);
        DeviceClient device = await record.HelloAsync($"kept-{road}");
        int before = (int)(await RestartRequest.ReportAsync(Gateway))["restarts"]!;

        await _roads[road].ActAsync(new OperatorAct("POST", "restart", null, ["restart"], "server", "restart"));

        JsonNode report = await RestartRequest.FinishedAsync(Gateway, before + 1);
        Assert.Equal((1, 0), ((int)report["last"]!["connections"]!, (int)report["last"]!["closed"]!));
        await device.PingAsync();
        await record.AssertAuditAsync("restart 202 done");
        Assert.True((bool)(await _roads[road].ReadAsync(new OperatorRead("status", ["status"], "server")))["ready"]!);
    }
}
