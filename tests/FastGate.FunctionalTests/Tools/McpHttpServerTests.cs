using FastGate.FunctionalTests.Clients;
using FastGate.Tools.Servers;

namespace FastGate.FunctionalTests.Tools;

/// <summary>Servers that are called over HTTP.</summary>
public sealed class McpHttpServerTests
{
    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Tools_are_offered_and_called_with_key_and_headers()
    {
        await using McpHttpServer server = await McpHttpServer.StartAsync("normal");
        await using var mcp = new McpFixture(server.Settings("web"));
        Assert.Equal("http", (await mcp.ReadyAsync("web")).Transport);
        Assert.Equal("normal: 你好", await mcp.CallAsync("echo", ("text", "你好")));
        Assert.Equal("the lamp is broken", await mcp.FailureOfAsync("fail"));
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Refused_key_is_reported_without_the_key()
    {
        await using McpHttpServer server = await McpHttpServer.StartAsync("normal");
        await using var mcp = new McpFixture(server.Settings("web", "another-secret-key"));
        McpServerReport failed = await mcp.FailedAsync("web");
        Assert.Contains("401", failed.LastError, StringComparison.Ordinal);
        Assert.DoesNotContain("another-secret-key", mcp.Log + failed.LastError, StringComparison.Ordinal);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Server_that_starts_again_is_connected_again()
    {
        McpHttpServer server = await McpHttpServer.StartAsync("normal");
        int port = server.Port;
        await using var mcp = new McpFixture(server.Settings("web"));
        await mcp.ReadyAsync("web");
        await server.DisposeAsync();
        await mcp.FailureOfAsync("echo");
        await mcp.UntilAsync("web", static report => report is { Tools.Count: 0, LastError: not null });
        await using McpHttpServer again = await McpHttpServer.StartAsync("other", port);
        await mcp.ReadyAsync("web", starts: 2);
        Assert.Equal("other: x", await mcp.CallAsync("echo", ("text", "x")));
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Server_that_answers_nothing_costs_its_own_tools()
    {
        await using McpHttpServer silent = await McpHttpServer.StartAsync("silent");
        await using McpHttpServer server = await McpHttpServer.StartAsync("normal");
        await using var mcp = new McpFixture([.. silent.Settings("bad", more: ("StartTimeout", "2")), .. server.Settings("web")]);
        await mcp.ReadyAsync("web");
        Assert.Equal("no list of tools within 2 s", (await mcp.FailedAsync("bad")).LastError);
        Assert.Equal("normal: x", await mcp.CallAsync("echo", ("text", "x")));
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Answer_above_the_bound_fails_the_call()
    {
        await using McpHttpServer server = await McpHttpServer.StartAsync("normal");
        await using var mcp = new McpFixture(server.Settings("web"));
        await mcp.ReadyAsync("web");
        await mcp.FailureOfAsync("huge", McpSession.MaxMessage + 1);
        await mcp.ReadyAsync("web", starts: 2);
        Assert.Equal("normal: x", await mcp.CallAsync("echo", ("text", "x")));
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Address_without_a_server_is_tried_again_and_never_delays_the_others()
    {
        await using McpHttpServer server = await McpHttpServer.StartAsync("normal");
        await using var mcp = new McpFixture([("bad:Url", "http://127.0.0.1:9/mcp"), .. server.Settings("web")]);
        await mcp.ReadyAsync("web");
        await mcp.UntilAsync("bad", static report => report.Starts > 1);
    }
}
