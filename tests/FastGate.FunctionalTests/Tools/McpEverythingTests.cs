using System.Diagnostics;
using System.Globalization;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Tools.Servers;

namespace FastGate.FunctionalTests.Tools;

/// <summary>The MCP project's own server <c>server-everything</c>, unmodified, on both transports.</summary>
public sealed class McpEverythingTests
{
    private static readonly string s_program = Path.Combine(
        RepositoryPaths.Clients, "mcp", "node_modules", "@modelcontextprotocol", "server-everything", "dist", "index.js");

    [RequiresProgramFact(RequiredProgram.McpEverything)]
    public async Task Server_on_standard_input_answers_calls()
    {
        await using var mcp = new McpFixture(("every:Command", "node"), ("every:Arguments:0", s_program), ("every:Arguments:1", "stdio"));
        await AssertAnswersAsync(mcp, "stdio");
    }

    [RequiresProgramFact(RequiredProgram.McpEverything)]
    public async Task Server_over_http_answers_calls()
    {
        int port = FreePort.Next();

        // Ends with the test's process, which may be killed.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "node \"$0\" streamableHttp & cat > /dev/null; kill $!", s_program])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        using Process server = Process.Start(start)!;
        server.OutputDataReceived += static (_, _) => { };
        server.ErrorDataReceived += static (_, _) => { };
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        try
        {
            // It may start after the first attempt: the connection is tried again.
            await using var mcp = new McpFixture(("every:Url", $"http://127.0.0.1:{port}/mcp"));
            await AssertAnswersAsync(mcp, "http");
        }
        finally
        {
            server.StandardInput.Close();
            await server.WaitForExitAsync();
        }
    }

    private static async Task AssertAnswersAsync(McpFixture mcp, string transport)
    {
        McpServerReport report = await Eventually.ValueAsync(() => Task.FromResult(mcp.Report("every")), static report => report.State == McpServerState.Ready, Deadline.Program);
        Assert.Equal(transport, report.Transport);
        Assert.Equal("Echo: 你好", await mcp.CallAsync("echo", ("message", "你好")));
        Assert.Contains("5", await mcp.CallAsync("get-sum", ("a", 2), ("b", 3)), StringComparison.Ordinal);
        Assert.Contains("[image]", await mcp.CallAsync("get-tiny-image"), StringComparison.Ordinal);
        Assert.DoesNotContain(mcp.Servers.Tools, static tool => tool.Name.Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not '_' and not '-'));

        // A wrong argument is a message for the model and no reason to connect again.
        Assert.NotEqual("", await mcp.FailureOfAsync("get-sum"));
        Assert.Equal("Echo: x", await mcp.CallAsync("echo", ("message", "x")));
        Assert.Equal(report.Starts, mcp.Report("every").Starts);
    }
}
