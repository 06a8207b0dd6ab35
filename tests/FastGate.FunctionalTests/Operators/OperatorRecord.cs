using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Operators;

/// <summary>The devices of one act, and what the act leaves in the audit log and the metrics.</summary>
internal sealed class OperatorRecord : IAsyncDisposable
{
    private const string HelloWithTools = """{"type":"hello","version":1,"features":{"mcp":true}}""";

    private readonly GatewayProcess _gateway;
    private readonly AdminClient _admin;
    private readonly string _road;
    private readonly MetricChanges _metrics;
    private readonly long _acts;
    private readonly List<DeviceClient> _devices = [];

    private OperatorRecord(GatewayProcess gateway, AdminClient admin, string road, MetricChanges metrics, long acts) =>
        (_gateway, _admin, _road, _metrics, _acts) = (gateway, admin, road, metrics, acts);

    /// <summary>Waits until the devices of the test before have left, so that only this act counts.</summary>
    public static async Task<OperatorRecord> BeginAsync(GatewayProcess gateway, string road)
    {
        AdminClient admin = new(gateway);
        await Eventually.ValueAsync(admin.ConnectionCountAsync, static open => open == 0);
        JsonNode audit = await admin.GetAsync("/api/v1/audit?limit=1");
        return new OperatorRecord(gateway, admin, road, await MetricChanges.BeginAsync(gateway), (long)audit["total"]!);
    }

    public async Task<DeviceClient> HelloAsync(string id)
    {
        DeviceClient device = await DeviceClient.ConnectAsync(_gateway, id);
        _devices.Add(device);
        await device.HelloAsync();
        return device;
    }

    /// <summary>A device that has listed its tools.</summary>
    public async Task<DeviceClient> HelloWithToolsAsync(string id)
    {
        DeviceClient device = await DeviceClient.ConnectAsync(_gateway, id);
        _devices.Add(device);
        await device.SendAsync(HelloWithTools);
        await device.ReceiveUntilAsync("hello");
        await AnswerAsync(device, await device.ReceiveAsync(), "{}");
        await device.ReceiveAsync();
        await AnswerAsync(device, await device.ReceiveAsync(), """{"tools":[{"name":"self.light.on","description":"","inputSchema":{"type":"object"}}]}""");
        return device;
    }

    public static Task AnswerAsync(DeviceClient device, JsonObject request, string result) => device.SendAsync(
        $$"""{"type":"mcp","payload":{"jsonrpc":"2.0","id":{{request["payload"]!["id"]!.ToJsonString()}},"result":{{result}} } }""");

    public async Task<string> NextAsync(DeviceClient device) => OperatorText.Of(await device.ReceiveAsync(), _road, "status");

    /// <summary>Everything that the device receives, up to the close status.</summary>
    public async Task<IReadOnlyList<string>> SeenAsync(DeviceClient device)
    {
        List<string> seen = [];
        while (await device.ReceiveTextAsync() is { } text)
        {
            seen.Add(OperatorText.Of(JsonNode.Parse(text), _road, "status"));
        }

        seen.Add($"closed {(int?)device.CloseStatus}");
        device.Drop();
        return seen;
    }

    /// <summary>Compares the audit log and the counters; those of the acts follow from the audit log.</summary>
    public async Task AssertAsync(string[] audit, string[] metrics)
    {
        JsonObject[] acts = await AssertAuditAsync(audit);
        await _metrics.AssertAsync(
        [
            .. metrics,
            .. acts.GroupBy(static act => $"fastgate_admin_acts_total act={act["act"]} outcome={act["outcome"]}").Select(static group => $"{group.Key} by {group.Count()}"),
        ]);
    }

    /// <summary>Compares the audit log, oldest first, as "act target status outcome".</summary>
    public async Task<JsonObject[]> AssertAuditAsync(params string[] audit)
    {
        JsonNode page = await Eventually.ValueAsync(
            () => _admin.GetAsync("/api/v1/audit?limit=50"), page => (long)page["total"]! >= _acts + audit.Length);
        JsonObject[] acts = [.. page["acts"]!.AsArray().Take((int)((long)page["total"]! - _acts)).Reverse().Select(static act => act!.AsObject())];
        Assert.Equal(audit, acts.Select(act => Line(act)));
        Assert.All(acts, static act => Assert.Equal(("Operate", "127.0.0.1"), ((string?)act["role"], (string?)act["address"])));
        return acts;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (DeviceClient device in _devices)
        {
            await device.DisposeAsync();
        }

        _admin.Dispose();
    }

    /// <summary>The number of a trace is known to its road only.</summary>
    private string Line(JsonObject act)
    {
        string? target = (string?)act["act"] == "trace.end" ? "*" : ((string?)act["target"])?.Replace($"-{_road}", "-ROAD", StringComparison.Ordinal);
        return string.Join(' ', new[] { (string?)act["act"], target, act["status"]!.ToString(), (string?)act["outcome"] }.OfType<string>());
    }
}
