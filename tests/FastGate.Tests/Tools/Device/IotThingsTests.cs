using System.Text;
using FastGate.Tools.Device;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Tools.Device;

/// <summary>The functions of firmware without MCP.</summary>
public sealed class IotThingsTests : IDisposable
{
    private const string Speaker =
        """{"name":"Speaker","description":"扬声器","properties":{"volume":{"description":"当前音量","type":"number"}},"methods":{"SetVolume":{"description":"设置音量","parameters":{"volume":{"description":"0到100","type":"number"}}}}}""";

    private const string Lamp =
        """{"name":"Lamp","description":"A lamp","methods":{"TurnOn":{"description":"Turn it on","parameters":{}},"Blink":{"description":"Blink","parameters":[{"name":"times","type":"number"}]}}}""";

    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Methods_and_states_become_functions()
    {
        Describe(Speaker);
        Describe(Lamp);
        await ListedAsync(4);

        Assert.Equal(["Speaker_SetVolume", "Speaker_get", "Lamp_TurnOn", "Lamp_Blink"], _bench.Tools.Select(static tool => tool.Name));
        Assert.Equal("扬声器 (volume: 当前音量): 设置音量", _bench.Tools[0].Description);
        Assert.Equal(
            """{"type":"object","properties":{"volume":{"type":"number","description":"0到100"}},"required":["volume"]}""",
            _bench.Tools[0].JsonSchema.GetRawText());
    }

    [Fact]
    public async Task A_call_sends_a_command()
    {
        Describe($"{Speaker},{Lamp}");
        await ListedAsync(4);

        object? result = await Tool("Speaker_SetVolume").InvokeAsync(new AIFunctionArguments { ["volume"] = 40 });

        Assert.Equal("Sent. The device does not report the result.", result);
        Assert.Equal(
            $$$"""{"type":"iot","session_id":"{{{_bench.SessionId}}}","commands":[{"name":"Speaker","method":"SetVolume","parameters":{"volume":40}}]}""",
            (await _bench.NextAsync()).GetRawText());
    }

    [Fact]
    public async Task The_last_state_of_a_thing_is_read_without_the_device()
    {
        Describe(Speaker);
        await ListedAsync(2);
        Assert.Equal("The device has not reported its state yet.", await Tool("Speaker_get").InvokeAsync());

        State("""{"name":"Speaker","state":{"volume":70}},{"name":"Unknown","state":1}""");
        State("""{"name":"Speaker","state":{"volume":80}}""");
        await EventuallyAsync(async () => """{"volume":80}""".Equals(await Tool("Speaker_get").InvokeAsync()));

        // A state above its bound is not kept, and the old one is no longer true.
        State($$"""{"name":"Speaker","state":"{{new string('x', IotThings.MaxState)}}"}""");
        await EventuallyAsync(async () => "The device has not reported its state yet.".Equals(await Tool("Speaker_get").InvokeAsync()));
        Assert.Equal(0, _bench.Unread);
    }

    [Fact]
    public async Task A_new_descriptor_of_a_thing_replaces_the_old_one()
    {
        Describe(Speaker);
        State("""{"name":"Speaker","state":{"volume":70}}""");
        await ListedAsync(2);

        Describe("""{"name":"Speaker","properties":{"volume":{}}}""");
        await ListedAsync(1);

        Assert.Equal("""{"volume":70}""", await Tool("Speaker_get").InvokeAsync());
    }

    [Theory]
    [InlineData("7,null,[],\"x\"")]
    [InlineData("{}")]
    [InlineData("""{"name":7,"methods":{"a":{}}}""")]
    [InlineData("""{"name":"","methods":{"a":{}}}""")]
    [InlineData("""{"name":"a","methods":[1]}""")]
    [InlineData("""{"name":"a","methods":{"":{}}}""")]
    [InlineData("""{"name":"\ud800","methods":{"a":{}}}""")]
    [InlineData("""{"name":"a","methods":{"\udc00":{}}}""")]
    [InlineData("""{"name":"a","properties":5,"methods":null}""")]
    public async Task A_descriptor_of_another_form_does_no_harm(string descriptor)
    {
        Describe(descriptor);
        Describe(Lamp);

        await ListedAsync(2);
    }

    [Fact]
    public async Task Things_methods_and_reports_are_bounded()
    {
        string methods = string.Join(',', Enumerable.Range(0, 100).Select(static i => $$"""
            "m{{i}}":{}
            """));
        for (int i = 0; i < 4 * IotThings.MaxThings; i++)
        {
            Describe($$$"""{"name":"thing{{{i}}}","methods":{ {{{methods}}} }}""");
        }

        await EventuallyAsync(() => Task.FromResult(_bench.Tools.Count == McpToolList.MaxTools));
        Assert.True(_bench.Metrics.TooMuch.Value > 0);

        long before = _bench.Metrics.TooMuch.Value;
        _bench.Device.OnDescriptors(new byte[IotThings.MaxWaiting]);
        Assert.True(_bench.Metrics.TooMuch.Value > before);
    }

    [Fact]
    public async Task Arguments_that_are_too_long_are_not_sent()
    {
        Describe(Lamp);
        await ListedAsync(2);

        var arguments = new AIFunctionArguments { ["times"] = new string('1', IotCommand.MaxBytes) };
        await Assert.ThrowsAsync<DeviceToolException>(async () => await Tool("Lamp_Blink").InvokeAsync(arguments));

        Assert.Equal(0, _bench.Unread);
    }

    [Fact]
    public async Task A_device_that_has_left_gets_no_command()
    {
        Describe(Lamp);
        await ListedAsync(2);

        _bench.Device.Close();

        await Assert.ThrowsAsync<DeviceToolException>(async () => await Tool("Lamp_TurnOn").InvokeAsync());
        Assert.Equal(0, _bench.Unread);
    }

    [Fact]
    public async Task Functions_of_both_kinds_have_unique_names()
    {
        await _bench.ListAsync("""{"name":"Lamp.TurnOn"}""");
        Describe(Lamp);
        await ListedAsync(2);

        Assert.Equal(["Lamp_TurnOn", "Lamp_Blink"], _bench.Tools.Select(static tool => tool.Name));
        Assert.IsType<McpToolFunction>(_bench.Tools[0]);
    }

    private AIFunction Tool(string name) => _bench.Tools.Single(tool => tool.Name == name);

    private void Describe(string descriptors) => _bench.Device.OnDescriptors(Encoding.UTF8.GetBytes($"[{descriptors}]"));

    private void State(string states) => _bench.Device.OnStates(Encoding.UTF8.GetBytes($"[{states}]"));

    private Task ListedAsync(int count) => EventuallyAsync(() => Task.FromResult(_bench.Tools.Count == count));

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        long deadline = Environment.TickCount64 + 20_000;
        while (!await condition())
        {
            Assert.True(Environment.TickCount64 < deadline, "The report was not read.");
            await Task.Yield();
        }
    }
}
