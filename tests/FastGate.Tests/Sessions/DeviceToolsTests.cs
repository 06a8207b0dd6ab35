using System.Text.Json;
using FastGate.Configuration.Options;
using FastGate.Sessions;
using FastGate.Testing;

namespace FastGate.Tests.Sessions;

/// <summary>Messages about tools, as the device sees them.</summary>
public sealed class DeviceToolsTests : IDisposable
{
    private readonly ConnectionHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task A_device_with_mcp_is_asked_for_its_tools_after_the_hello()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();

        await device.SendTextAsync("""{"type":"hello","version":1,"features":{"mcp":true}}""");

        string session = JsonElement.Parse(await device.ReceiveTextAsync()).GetProperty("session_id").GetString()!;
        var initialize = JsonElement.Parse(await device.ReceiveTextAsync());
        Assert.Equal(session, initialize.GetProperty("session_id").GetString());
        Assert.Equal("initialize", initialize.GetProperty("payload").GetProperty("method").GetString());
        await device.SendTextAsync("""{"type":"mcp","payload":{"jsonrpc":"2.0","id":1,"result":{}}}""");
        Assert.Contains("notifications/initialized", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        Assert.Contains("tools/list", await device.ReceiveTextAsync(), StringComparison.Ordinal);
    }

    /// <summary>What a device without MCP sends in its name is counted, and costs no object.</summary>
    [Theory]
    [InlineData("""{"type":"hello","features":{"mcp":false}}""")]
    [InlineData("""{"type":"hello","features":{"mcp":"true"}}""")]
    [InlineData("""{"type":"hello","features":["mcp"]}""")]
    [InlineData("""{"type":"hello"}""")]
    public async Task A_device_without_mcp_is_asked_nothing(string hello)
    {
        ScriptedDevice device = await _harness.UpgradedAsync();

        await device.SendTextAsync(hello);
        await device.SendTextAsync("""{"type":"mcp","payload":{"jsonrpc":"2.0","id":1,"result":{}}}""");
        await device.SendTextAsync("""{"type":"mcp","payload":null}""");
        await device.SendTextAsync("""{"type":"iot"}""");
        await device.SendTextAsync("""{"type":"ping"}""");

        Assert.Contains("hello", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        Assert.Equal("""{"type":"pong"}""", await device.ReceiveTextAsync());
        Assert.Equal(1, _harness.ToolMetrics.NotOffered.Value);
        Assert.Null(_harness.Connections().Single().Session!.Tools);
    }

    [Fact]
    public async Task A_server_that_uses_no_tools_asks_for_none()
    {
        using var harness = new ConnectionHarness(gateway: new GatewayOptions { Tools = new ToolOptions { Enabled = false } });
        ScriptedDevice device = await harness.UpgradedAsync();

        await device.SendTextAsync("""{"type":"hello","features":{"mcp":true}}""");
        await device.SendTextAsync("""{"type":"iot","descriptors":[{"name":"Lamp","methods":{"TurnOn":{}}}]}""");
        await device.SendTextAsync("""{"type":"ping"}""");

        Assert.Contains("hello", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        Assert.Equal("""{"type":"pong"}""", await device.ReceiveTextAsync());
        Assert.Null(harness.Connections().Single().Session!.Tools);
    }

    [Theory]
    [InlineData("\"method\":\"ping\",\"id\":7", "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}")]
    [InlineData("\"method\":\"p\\u0069ng\",\"id\":\"a\\\"b\"", "{\"jsonrpc\":\"2.0\",\"id\":\"a\\\"b\",\"result\":{}}")]
    [InlineData("\"method\":\"ping\",\"id\":\"\"", "{\"jsonrpc\":\"2.0\",\"id\":\"\",\"result\":{}}")]
    [InlineData("\"method\":\"tools/list\",\"id\":1", "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}")]
    [InlineData("\"method\":5,\"id\":-3.5", "{\"jsonrpc\":\"2.0\",\"id\":-3.5,\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}")]
    public async Task A_request_of_the_device_is_answered(string request, string answer)
    {
        ScriptedDevice device = await _harness.UpgradedAsync();

        await device.SendTextAsync($$$"""{"type":"mcp","payload":{"jsonrpc":"2.0",{{{request}}}}}""");

        var received = JsonElement.Parse(await device.ReceiveTextAsync());
        Assert.Equal("mcp", received.GetProperty("type").GetString());
        Assert.Equal(answer, received.GetProperty("payload").GetRawText());
    }

    [Theory]
    [InlineData("\"method\":\"ping\"")]
    [InlineData("\"method\":\"notifications/progress\"")]
    [InlineData("\"method\":\"ping\",\"id\":null")]
    [InlineData("\"method\":\"ping\",\"id\":{}")]
    [InlineData("\"method\":\"ping\",\"id\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"")]
    public async Task A_notification_of_the_device_is_not_answered(string notification)
    {
        ScriptedDevice device = await _harness.UpgradedAsync();

        await device.SendTextAsync($$$"""{"type":"mcp","payload":{"jsonrpc":"2.0",{{{notification}}}}}""");
        await device.SendTextAsync("""{"type":"ping"}""");

        Assert.Equal("""{"type":"pong"}""", await device.ReceiveTextAsync());
    }

    /// <summary>An echo of every message is answered a bounded number of times.</summary>
    [Fact]
    public async Task A_device_that_echoes_comes_to_rest()
    {
        var log = new RecordingLogger<DeviceSession>();
        using var harness = new ConnectionHarness(sessionLog: log);
        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendTextAsync("""{"type":"hello","features":{"mcp":true}}""");
        await device.ReceiveTextAsync();

        int messages = 0;
        while (log.Count(2202) < 2 && ++messages < 20)
        {
            await device.SendTextAsync(await device.ReceiveTextAsync());
            if (messages >= 5)
            {
                break;
            }
        }

        await log.Logged(2202);
        Assert.InRange(messages, 1, 10);
        Assert.Empty(harness.Connections().Single().Session!.Tools!.Tools);
    }
}
