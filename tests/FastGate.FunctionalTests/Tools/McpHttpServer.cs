using System.Diagnostics;
using System.Globalization;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Tools;

/// <summary>The process of <c>tests/clients/mcp_server.py</c> as a server that is called over HTTP.</summary>
internal sealed class McpHttpServer : IAsyncDisposable
{
    public const string ApiKey = "key-of-the-test";

    private readonly Process _process;

    private McpHttpServer(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public static async Task<McpHttpServer> StartAsync(string mode, int port = 0)
    {
        Process process = ExternalProgram.Start(ExternalProgram.Python, [McpFixture.Script, "--http", port.ToString(CultureInfo.InvariantCulture), mode]);
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        string? line = await process.StandardOutput.ReadLineAsync().WaitAsync(Deadline.Program);
        Assert.StartsWith("listening on ", line, StringComparison.Ordinal);
        return new McpHttpServer(process, int.Parse(line!.Split(' ')[^1], CultureInfo.InvariantCulture));
    }

    /// <summary>Settings of this server.</summary>
    public (string Key, string Value)[] Settings(string name, string apiKey = ApiKey, params (string Key, string Value)[] more) =>
    [
        ($"{name}:Url", $"http://127.0.0.1:{Port}/mcp"), ($"{name}:ApiKey", apiKey), ($"{name}:Headers:X-Extra", "extra"),
        .. more.Select(setting => ($"{name}:{setting.Key}", setting.Value)),
    ];

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
