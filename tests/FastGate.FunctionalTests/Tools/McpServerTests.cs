using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Tools.Servers;

namespace FastGate.FunctionalTests.Tools;

/// <summary>Servers that are started as programs: their tools, and what they may do wrong without harm to the tools of others.</summary>
public sealed class McpServerTests
{
    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Tools_of_all_pages_are_offered_and_called()
    {
        await using var mcp = new McpFixture(McpFixture.Stdio("home", "normal"));
        McpServerReport report = await mcp.ReadyAsync("home");
        Assert.Equal(["echo", "huge", "fail", "quit", "grow", "variables", "descriptors", "together", "read_file_"], mcp.ToolNames());
        Assert.Equal("read file!", report.Tools[^1].ServerName);
        Assert.Equal("normal: 你好", await mcp.CallAsync("echo", ("text", "你好")));
        Assert.Equal("called read file!", await mcp.CallAsync("read_file_"));
        Assert.Equal("The tool echo", mcp.Servers.Tools[0].Description);
        Assert.Equal("string", mcp.Servers.Tools[0].JsonSchema.GetProperty("properties").GetProperty("text").GetProperty("type").GetString());
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Only_allowed_tools_are_offered_and_missing_ones_are_named()
    {
        await using var mcp = new McpFixture(McpFixture.Stdio("home", "normal", ("Tools:0", "fail"), ("Tools:1", "read file!"), ("Tools:2", "absent")));
        await mcp.ReadyAsync("home");
        Assert.Equal(["fail", "read_file_"], mcp.ToolNames());
        Assert.Contains("it has no tools absent", mcp.Log, StringComparison.Ordinal);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Equal_names_of_two_servers_get_the_names_of_the_servers_in_front()
    {
        await using var mcp = new McpFixture([.. McpFixture.Stdio("one", "normal", ("Tools:0", "echo"), ("Tools:1", "quit")), .. McpFixture.Stdio("two", "other")]);
        await mcp.ReadyAsync("one");
        await mcp.ReadyAsync("two");
        Assert.Equal(["one_echo", "quit", "two_echo", "strange"], mcp.ToolNames());
        Assert.Equal("other: x", await mcp.CallAsync("two_echo", ("text", "x")));

        // The names stay while a server is away.
        await mcp.FailureOfAsync("quit");
        await mcp.UntilAsync("one", static report => report.Tools.Count == 0);
        Assert.Equal(["two_echo", "strange"], mcp.ToolNames());
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Failure_of_a_tool_reaches_the_model_and_leaves_the_connection_alone()
    {
        await using var mcp = new McpFixture(McpFixture.Stdio("home", "normal"));
        await mcp.ReadyAsync("home");
        Assert.Equal("the lamp is broken", await mcp.FailureOfAsync("fail"));
        Assert.Equal("normal: x", await mcp.CallAsync("echo", ("text", "x")));
        Assert.Equal(1, mcp.Report("home").Starts);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Long_result_is_cut()
    {
        await using var mcp = new McpFixture(McpFixture.Stdio("home", "normal"));
        await mcp.ReadyAsync("home");
        string text = await mcp.CallAsync("huge", ("size", 1_000_000));
        Assert.Equal(McpText.MaxResult + " [truncated]".Length, text.Length);
        Assert.EndsWith("x [truncated]", text, StringComparison.Ordinal);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Message_above_the_bound_ends_the_connection_and_the_server_starts_again()
    {
        await using var mcp = new McpFixture(McpFixture.Stdio("home", "normal"));
        await mcp.ReadyAsync("home");
        await mcp.FailureOfAsync("huge", McpSession.MaxMessage + 1);
        await mcp.ReadyAsync("home", starts: 2);
        Assert.Equal("normal: x", await mcp.CallAsync("echo", ("text", "x")));
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Server_that_ends_costs_its_own_tools_and_starts_again()
    {
        await using var mcp = new McpFixture([.. McpFixture.Stdio("home", "normal"), .. McpFixture.Stdio("two", "other", ("Tools:0", "strange"))]);
        await mcp.ReadyAsync("home");
        await mcp.ReadyAsync("two");
        await mcp.FailureOfAsync("quit");
        McpServerReport failed = await mcp.FailedAsync("home");
        Assert.Contains("status 7", failed.LastError, StringComparison.Ordinal);
        Assert.Equal("called strange", await mcp.CallAsync("strange"));
        await mcp.ReadyAsync("home", starts: 2);
        Assert.Equal("normal: again", await mcp.CallAsync("echo", ("text", "again")));
        Assert.Equal(1, mcp.Report("two").Starts);
    }

    [RequiresProgramTheory(RequiredProgram.Python)]
    [InlineData("silent", "2", "no list of tools within 2 s")]
    [InlineData("garbage", "2", "no list of tools within 2 s")]
    [InlineData("endless", "60", "a message of more than 8 MiB")]
    public async Task Server_that_does_not_speak_the_protocol_costs_its_own_tools(string mode, string startTimeout, string reason)
    {
        await using var mcp = new McpFixture(
            [.. McpFixture.Stdio("bad", mode, ("StartTimeout", startTimeout)), .. McpFixture.Stdio("home", "normal", ("Tools:0", "echo"))]);
        await mcp.ReadyAsync("home");
        McpServerReport failed = await mcp.FailedAsync("bad");
        Assert.Contains(reason, failed.LastError, StringComparison.Ordinal);
        Assert.Equal(["echo"], mcp.ToolNames());
        Assert.Equal("normal: x", await mcp.CallAsync("echo", ("text", "x")));
        await mcp.UntilAsync("bad", static report => report.Starts > 1);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Call_without_an_answer_ends_and_the_second_in_a_row_restarts_the_server()
    {
        await using var mcp = new McpFixture(McpFixture.Stdio("home", "stalls", ("Timeout", "0.2")));
        await mcp.ReadyAsync("home");
        Assert.Equal("no answer within 0.2 s", await mcp.FailureOfAsync("echo"));
        Assert.Equal(McpServerState.Ready, mcp.Report("home").State);
        Assert.Equal("no answer within 0.2 s", await mcp.FailureOfAsync("echo"));
        McpServerReport failed = await mcp.FailedAsync("home");
        Assert.Equal("it does not answer", failed.LastError);
        await mcp.ReadyAsync("home", starts: 2);
    }

    [RequiresProgramTheory(RequiredProgram.Python)]
    [InlineData(1, 200, "1")]
    [InlineData(2, 15_000, "2")]
    public async Task Calls_at_once_are_bounded(int concurrency, int waitMs, string most)
    {
        await using var mcp = new McpFixture(McpFixture.Stdio("home", "normal", ("MaxConcurrency", $"{concurrency}")));
        await mcp.ReadyAsync("home");
        (string, object?) wait = ("size", waitMs);
        string[] seen = await Task.WhenAll(mcp.CallAsync("together", wait), mcp.CallAsync("together", wait), mcp.CallAsync("together", wait));
        Assert.Equal(most, seen.Max(StringComparer.Ordinal));
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Cancelled_call_ends_at_once()
    {
        await using var mcp = new McpFixture(McpFixture.Stdio("home", "stalls"));
        await mcp.ReadyAsync("home");
        using var cancel = new CancellationTokenSource();
        Task<object?> call = mcp.Servers.Tools[0].InvokeAsync(cancellationToken: cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(1, mcp.Report("home").Starts);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Change_of_the_list_is_followed()
    {
        await using var mcp = new McpFixture(McpFixture.Stdio("home", "normal"));
        await mcp.ReadyAsync("home");
        await mcp.CallAsync("grow");
        await Eventually.TrueAsync(() => mcp.ToolNames().Contains("grown"));
        Assert.Equal("called grown", await mcp.CallAsync("grown"));
        Assert.Equal(1, mcp.Report("home").Starts);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Program_gets_the_given_variables_and_none_of_this_process()
    {
        Environment.SetEnvironmentVariable("FASTGATE_TEST_SECRET", "secret-of-this-process");
        await using var mcp = new McpFixture(McpFixture.Stdio("home", "normal", ("Environment:TOKEN", "of-${FASTGATE_TEST_SECRET}"), ("Environment:LOG_FILE", "/x")));
        await mcp.ReadyAsync("home");
        string[] variables = (await mcp.CallAsync("variables")).Split('\n');
        Assert.Contains("TOKEN=of-secret-of-this-process", variables);
        Assert.Contains("LOG_FILE=/x", variables);
        Assert.Contains(variables, static line => line.StartsWith("PATH=", StringComparison.Ordinal));
        Assert.DoesNotContain(variables, static line => line.StartsWith("FASTGATE_TEST_SECRET", StringComparison.Ordinal));
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Reload_starts_stops_and_replaces_servers_and_leaves_the_others_alone()
    {
        await using var mcp = new McpFixture([.. McpFixture.Stdio("same", "normal", ("Tools:0", "echo")), .. McpFixture.Stdio("gone", "stays"), .. McpFixture.Stdio("changed", "other")]);
        await mcp.ReadyAsync("same");
        await mcp.ReadyAsync("gone");
        await mcp.ReadyAsync("changed");
        mcp.Servers.Prepare(McpFixture.Read(
        [
            .. McpFixture.Stdio("same", "normal", ("Tools:0", "echo")), .. McpFixture.Stdio("changed", "other", ("Tools:0", "strange")),
            .. McpFixture.Stdio("new", "normal", ("Tools:0", "fail")),
        ]))();
        await mcp.ReadyAsync("new");
        await mcp.ReadyAsync("changed");
        Assert.Equal(["strange", "fail", "echo"], mcp.ToolNames());
        Assert.Equal(1, mcp.Report("same").Starts);
        Assert.Equal(3, mcp.Servers.Report().Count);
    }
}
