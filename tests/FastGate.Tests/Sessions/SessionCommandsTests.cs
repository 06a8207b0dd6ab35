using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using FastGate.Commands;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Hosting.Adapters;
using FastGate.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Sessions;

/// <summary>Commands of operators, as the device sees them.</summary>
public sealed class SessionCommandsTests : IDisposable
{
    private const string Hello = """{"type":"hello","version":1}""";
    private const string HelloWithTools = """{"type":"hello","version":1,"features":{"mcp":true}}""";
    private const string DeviceId = "aa:bb:cc:dd:ee:ff";

    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ConnectionHarness _harness = new();
    private readonly DeviceCommands _commands;

    public SessionCommandsTests()
    {
        _commands = new DeviceCommands(
            new CommandStore(null, static () => 0),
            new CommandDevices(_harness.Registry),
            new CommandOptions(),
            new CommandMetrics(_meters.GetRequiredService<IMeterFactory>()),
            NullLogger<DeviceCommands>.Instance,
            TimeProvider.System);
        _harness.Services.Sessions.Commands = _commands;
        _harness.Services.Sessions.DeviceTools.OnListed = _commands.OnReady;
    }

    public void Dispose()
    {
        _commands.Dispose();
        _harness.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task Tool_call_is_sent_after_the_tools_are_listed_and_its_result_is_the_acknowledgement()
    {
        long id = await SubmitAsync("self.reboot", """{"delay":3}""");
        ScriptedDevice device = await _harness.UpgradedAsync();
        await device.SendTextAsync(HelloWithTools);
        await ListAsync(device);

        JsonElement call = JsonElement.Parse(await device.ReceiveTextAsync()).GetProperty("payload");
        Assert.Equal("tools/call", call.GetProperty("method").GetString());
        Assert.Equal("""{"name":"self.reboot","arguments":{"delay":3}}""", call.GetProperty("params").GetRawText());
        await device.SendTextAsync(Answer(call, """{"content":[{"type":"text","text":"in 3 s"}],"isError":false}"""));

        StoredCommand command = await EndedAsync(id);
        Assert.Equal((CommandState.Acknowledged, "in 3 s"), (command.State, command.Result));
    }

    [Fact]
    public async Task Error_of_the_device_is_the_reason()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        await device.SendTextAsync(HelloWithTools);
        await ListAsync(device);
        long id = await SubmitAsync("self.nothing", "{}");

        JsonElement call = JsonElement.Parse(await device.ReceiveTextAsync()).GetProperty("payload");
        await device.SendTextAsync($$$"""{"type":"mcp","payload":{"jsonrpc":"2.0","error":{"message":"Unknown tool: self.nothing"},"id":{{{call.GetProperty("id").GetRawText()}}} }}""");

        StoredCommand command = await EndedAsync(id);
        Assert.Equal((CommandState.Failed, "Unknown tool: self.nothing"), (command.State, command.Reason));
    }

    [Fact]
    public async Task Raw_message_arrives_unchanged_after_the_hello_and_is_acknowledged_when_written()
    {
        long id = await SubmitAsync(null, """{"type":"system","command":"reboot"}""");
        ScriptedDevice device = await _harness.UpgradedAsync();
        await device.SendTextAsync(Hello);

        Assert.Contains("hello", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        Assert.Equal("""{"type":"system","command":"reboot"}""", await device.ReceiveTextAsync());
        Assert.Equal(CommandState.Acknowledged, (await EndedAsync(id)).State);
    }

    [Fact]
    public async Task Raw_message_is_not_acknowledged_before_the_socket_has_taken_it()
    {
        ScriptedDevice device = _harness.ConnectUnread(capacity: 2_048);
        await device.UpgradeAsync();
        await device.SendTextAsync(Hello);
        await device.ReceiveTextAsync();

        // The device reads nothing while this is written.
        long id = await SubmitAsync(null, $$"""{"type":"system","command":"{{new string('x', 4_096)}}"}""");
        Assert.Equal(CommandState.Sent, (await _commands.FindAsync(id)).Command!.State);
        Assert.Equal(1, _commands.InFlight);

        await device.ReceiveTextAsync();
        Assert.Equal(CommandState.Acknowledged, (await EndedAsync(id)).State);
    }

    [Fact]
    public async Task Device_that_leaves_before_its_answer_leaves_an_unknown_outcome()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        await device.SendTextAsync(HelloWithTools);
        await ListAsync(device);
        long id = await SubmitAsync("self.reboot", "{}");
        await device.ReceiveTextAsync();

        await device.SendTextAsync("""{"type":"goodbye"}""");

        StoredCommand command = await EndedAsync(id);
        Assert.Equal(CommandState.Failed, command.State);
        Assert.StartsWith("unknown outcome: the device disconnected", command.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Device_that_does_not_answer_in_time_fails_the_command()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        await device.SendTextAsync(HelloWithTools);
        await ListAsync(device);
        long id = await SubmitAsync("self.slow", "{}", TimeSpan.FromMilliseconds(20));

        Assert.Contains("did not answer within", (await EndedAsync(id)).Reason, StringComparison.Ordinal);
    }

    private static string Answer(JsonElement request, string result) =>
        $$$"""{"type":"mcp","payload":{"jsonrpc":"2.0","id":{{{request.GetProperty("id").GetRawText()}}},"result":{{{result}}} }}""";

    private static async Task ListAsync(ScriptedDevice device)
    {
        Assert.Contains("hello", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        await device.SendTextAsync(Answer(JsonElement.Parse(await device.ReceiveTextAsync()).GetProperty("payload"), "{}"));
        Assert.Contains("notifications/initialized", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        await device.SendTextAsync(Answer(JsonElement.Parse(await device.ReceiveTextAsync()).GetProperty("payload"), """{"tools":[]}"""));
    }

    private async Task<long> SubmitAsync(string? tool, string payload, TimeSpan? timeout = null) =>
        (await _commands.SubmitAsync(new NewCommand(DeviceId, tool, Encoding.UTF8.GetBytes(payload), timeout ?? TimeSpan.FromSeconds(20), null))).Command!.Id;

    private async Task<StoredCommand> EndedAsync(long id)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            if ((await _commands.FindAsync(id)).Command is { EndedAt: not null } command)
            {
                return command;
            }

            await Task.Yield();
        }
    }
}
