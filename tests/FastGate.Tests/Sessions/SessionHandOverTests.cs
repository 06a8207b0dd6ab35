using System.Text.Json;
using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Diagnostics;
using FastGate.HandOver;
using FastGate.Sessions;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Connections;
using FastGate.Tests.Transport;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Sessions;

/// <summary>What a session knows of its device passes to the next server.</summary>
public sealed class SessionHandOverTests
{
    private const string Hello = """{"type":"hello","version":1,"features":{"mcp":true}}""";

    private const string Page =
        """
        {"tools":[{"name":"self.lamp.set","description":"Sets the lamp","inputSchema":{"type":"object","properties":{"level":{"type":"integer","minimum":0,
        "maximum":100,"description":"in percent"},"where":{"type":"string","enum":["left","right"]}},"required":["level"]}},{"name":"self.lamp set",
        "description":"灯"}]}
        """;

    [Fact]
    public async Task Tools_of_the_device_work_at_once()
    {
        using var old = new ConnectionHarness();
        using var next = new ConnectionHarness();
        ScriptedDevice device = await ListedAsync(old);
        IReadOnlyList<AIFunction> before = [.. old.Connections().Single().Session!.Tools!.Tools];

        device = await HandOverBench.PassAsync(old, next, device);

        IReadOnlyList<AIFunction> after = next.Connections().Single().Session!.Tools!.Tools;
        Assert.Equal(before.Select(Describe), after.Select(Describe));
        Task<object?> call = after[0].InvokeAsync(new AIFunctionArguments { ["level"] = 7 }).AsTask();
        JsonElement request = JsonElement.Parse(await device.ReceiveTextAsync()).GetProperty("payload");
        Assert.Equal("self.lamp.set", request.GetProperty("params").GetProperty("name").GetString());
        await device.SendTextAsync(
            $$"""{"type":"mcp","payload":{"id":{{request.GetProperty("id").GetInt32()}},"result":{"content":[{"type":"text","text":"done"}]""" + "}}}");
        Assert.Equal("done", await call.WaitAsync(HandOverBench.Limit));
    }

    [Fact]
    public async Task Ids_of_calls_are_not_used_again()
    {
        using var old = new ConnectionHarness();
        using var next = new ConnectionHarness();
        ScriptedDevice device = await ListedAsync(old);
        _ = old.Connections().Single().Session!.Tools!.Tools[0].InvokeAsync(new AIFunctionArguments()).AsTask();
        int first = IdOf(await device.ReceiveTextAsync());

        device = await HandOverBench.PassAsync(old, next, device);
        _ = next.Connections().Single().Session!.Tools!.Tools[0].InvokeAsync(new AIFunctionArguments()).AsTask();

        Assert.Equal(first + 1, IdOf(await device.ReceiveTextAsync()));
    }

    [Fact]
    public async Task List_that_was_being_read_is_asked_for_again()
    {
        using var old = new ConnectionHarness();
        using var next = new ConnectionHarness();
        ScriptedDevice device = await old.UpgradedAsync();
        await device.SendTextAsync(Hello);
        await device.ReceiveTextAsync();
        Assert.Contains("initialize", await device.ReceiveTextAsync(), StringComparison.Ordinal);

        device = await HandOverBench.PassAsync(old, next, device);

        Assert.Contains("initialize", await device.ReceiveTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Devices_with_one_firmware_share_the_list_again()
    {
        using var old = new ConnectionHarness();
        using var next = new ConnectionHarness();
        ScriptedDevice one = await ListedAsync(old, "Device-Id: one\r\n");
        ScriptedDevice two = await ListedAsync(old, "Device-Id: two\r\n");

        IReadOnlyList<ConnectionState> states = await HandOverBench.DetachAsync(old);
        next.Adopt(one, states.Single(static state => state.DeviceId == "one"));
        next.Adopt(two, states.Single(static state => state.DeviceId == "two"));

        string[] schemas = [.. next.Connections().Select(static connection => connection.Session!.Tools!.Tools[0].JsonSchema.GetRawText())];
        Assert.Equal(2, schemas.Length);
        Assert.Equal(schemas[0], schemas[1]);
    }

    [Fact]
    public async Task Things_of_old_firmware_keep_their_methods_and_states()
    {
        using var old = new ConnectionHarness();
        using var next = new ConnectionHarness();
        ScriptedDevice device = await old.UpgradedAsync();
        await device.SendTextAsync(
            """
            {"type":"iot","descriptors":[{"name":"Lamp","description":"灯","properties":{"power":{"type":"boolean","description":"on or off"}},
            "methods":{"TurnOn":{"description":"turns it on"},"Dim":{"description":"dims it","parameters":{"level":{"type":"number","description":"percent"}}}}}]}
            """);
        await device.SendTextAsync("""{"type":"iot","states":[{"name":"Lamp","state":{"power":true}}]}""");
        await Eventually.TrueAsync(() => old.Connections().Single().Session!.Tools is { Tools.Count: 3 } tools
            && StateOf(tools.Tools)?.Contains("true", StringComparison.Ordinal) == true, "the things are read");
        string[] before = [.. old.Connections().Single().Session!.Tools!.Tools.Select(Describe)];

        device = await HandOverBench.PassAsync(old, next, device);

        IReadOnlyList<AIFunction> after = next.Connections().Single().Session!.Tools!.Tools;
        Assert.Equal(before, after.Select(Describe));
        Assert.Contains("true", StateOf(after)!, StringComparison.Ordinal);
        await after.Single(static tool => tool.Name == "Lamp_TurnOn").InvokeAsync(new AIFunctionArguments());
        Assert.Contains("TurnOn", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        await device.SendTextAsync("""{"type":"iot","states":[{"name":"Lamp","state":{"power":false}}]}""");
        await Eventually.TrueAsync(() => StateOf(after)!.Contains("false", StringComparison.Ordinal), "the state has changed");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dialogue_travels_where_no_memory_keeps_it(bool travels)
    {
        MemoryProviderKind memory = travels ? MemoryProviderKind.None : MemoryProviderKind.Sqlite;
        var llm = FakeChatClient.Saying("Hello yourself.");
        var options = new GatewayOptions { Memory = new MemoryOptions { Provider = memory } };
        using var old = new ConnectionHarness(gateway: options, llm: new FakeChatClientFactory(_ => FakeChatClient.Saying("First reply.")));
        using var next = new ConnectionHarness(gateway: options, llm: new FakeChatClientFactory(_ => llm));
        ScriptedDevice device = await old.UpgradedAsync();
        await SayAsync(device, "first words");
        Assert.True(await old.Services.HandOver.WaitForTurnsAsync(HandOverBench.Limit));

        device = await HandOverBench.PassAsync(old, next, device);
        await SayAsync(device, "second words");

        Assert.Equal(travels, llm.LastMessages.Any(static message => message.Text.Contains("first words", StringComparison.Ordinal)));
        Assert.Equal(travels, llm.LastMessages.Any(static message => message.Text.Contains("First reply.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Cut_turn_is_remembered_as_far_as_it_was_heard()
    {
        var store = new FakeMemoryStore();
        using var old = new ConnectionHarness(
            memory: store,
            llm: new FakeChatClientFactory(static _ => new FakeChatClient(static (_, cancellationToken) => StallAsync(cancellationToken))));
        ScriptedDevice device = await old.UpgradedAsync();
        await device.SendTextAsync("""{"type":"listen","state":"detect","text":"tell me"}""");
        await ReadUntilAsync(device, "Once upon a time.");
        old.Services.HandOver.BeginQuiet();

        old.Services.HandOver.CutTurns();
        Assert.True(await old.Services.HandOver.WaitForTurnsAsync(HandOverBench.Limit));
        await old.Memory.FlushAsync(CancellationToken.None);

        Assert.Equal("Once upon a time." + Dialogue.InterruptedMark, Assert.Single(store.Exchanges).Assistant);
    }

    [Fact]
    public async Task Management_message_is_answered_before_and_after()
    {
        const string Message = """{"type":"server","action":"update_config","content":{"secret":"let me in"}}""";
        var options = new GatewayOptions { Management = new ManagementOptions { Secret = "let me in" } };
        using var old = new ConnectionHarness(gateway: options);
        using var next = new ConnectionHarness(gateway: options);
        ScriptedDevice device = await old.UpgradedAsync();
        old.Services.HandOver.BeginQuiet();
        await device.SendTextAsync(Message);
        Assert.Contains("success", await device.ReceiveTextAsync(), StringComparison.Ordinal);

        device = await HandOverBench.PassAsync(old, next, device);
        await device.SendTextAsync(Message);

        Assert.Contains("success", await device.ReceiveTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void Languages_of_devices_are_kept()
    {
        var old = new DeviceLanguages(new StripedCounter(), new StripedCounter());
        var next = new DeviceLanguages(new StripedCounter(), new StripedCounter());
        Assert.Empty(old.Save());
        old.Remember("one", SessionLanguage.En);
        old.Remember("two", SessionLanguage.Zh);

        next.Restore([.. old.Save(), new DeviceLanguageState("three", 77)]);

        Assert.Equal(SessionLanguage.En, next.Find("one"));
        Assert.Equal(SessionLanguage.Zh, next.Find("two"));
        Assert.Equal(SessionLanguage.Auto, next.Find("three"));
    }

    private static string Describe(AIFunction tool) => $"{tool.Name} {tool.Description} {tool.JsonSchema.GetRawText()}";

    private static string? StateOf(IReadOnlyList<AIFunction> tools)
    {
        ValueTask<object?> state = tools.Single(static tool => tool.Name == "Lamp_get").InvokeAsync(new AIFunctionArguments());
        return state.IsCompletedSuccessfully ? state.Result?.ToString() : null;
    }

    private static int IdOf(string message) => JsonElement.Parse(message).GetProperty("payload").GetProperty("id").GetInt32();

    private static async Task<ScriptedDevice> ListedAsync(ConnectionHarness harness, string headers = ScriptedDevice.DeviceHeaders)
    {
        ScriptedDevice device = await harness.UpgradedAsync(headers);
        await device.SendTextAsync(Hello);
        await device.ReceiveTextAsync();
        await device.ReceiveTextAsync();
        await device.SendTextAsync("""{"type":"mcp","payload":{"jsonrpc":"2.0","id":1,"result":{}}}""");
        await device.ReceiveTextAsync();
        await device.ReceiveTextAsync();
        await device.SendTextAsync("""{"type":"mcp","payload":{"jsonrpc":"2.0","id":2,"result":""" + Page.ReplaceLineEndings("") + "}}");
        DeviceSession session = harness.Connections().Single(connection => headers.Contains(connection.DeviceId, StringComparison.Ordinal)).Session!;
        await Eventually.TrueAsync(() => session.Tools is { Tools.Count: 2 }, "the tools are listed");
        return device;
    }

    private static async Task SayAsync(ScriptedDevice device, string words)
    {
        await device.SendTextAsync($$"""{"type":"listen","state":"detect","text":"{{words}}"}""");
        await ReadUntilAsync(device, "\"stop\"");
    }

    private static async Task ReadUntilAsync(ScriptedDevice device, string text)
    {
        while (!(await device.ReceiveTextAsync()).Contains(text, StringComparison.Ordinal))
        {
        }
    }

    private static async IAsyncEnumerable<string> StallAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return "Once upon a time. ";
        yield return "There";
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
