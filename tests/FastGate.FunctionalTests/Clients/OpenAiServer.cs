using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Clients;

/// <summary>The process of <c>tests/clients/openai_server.py</c>.</summary>
public sealed class OpenAiServer : IAsyncLifetime
{
    private Process? _process;

    public int Port { get; private set; }

    public async Task InitializeAsync()
    {
        _process = ExternalProgram.Start(ExternalProgram.Python, [Path.Combine(RepositoryPaths.Clients, "openai_server.py")]);
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
        string? line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Deadline.Program);
        Assert.StartsWith("listening on ", line, StringComparison.Ordinal);
        Port = int.Parse(line!.Split(' ')[^1], CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Options that make every purpose use this server and this model. The first-token timeout is short only for models that never answer, so
    /// that a busy machine does not turn a slow answer into a timeout.
    /// </summary>
    public string[] Options(string model) =>
    [
        "--FastGate:Llm:Providers:other:Type=openai",
        $"--FastGate:Llm:Providers:other:BaseUrl=http://127.0.0.1:{Port}/v1",
        $"--FastGate:Llm:Providers:other:Model={model}",
        "--FastGate:Llm:Providers:other:ApiKey=secret-of-the-test",
        "--FastGate:Llm:ByMode:default=other",
        "--FastGate:Llm:Timeouts:Connect=00:00:30",
        $"--FastGate:Llm:Timeouts:FirstToken={(model is "silent" or "no-headers" ? "00:00:01" : "00:01:00")}",
        "--FastGate:Llm:Timeouts:BetweenTokens=00:01:00",
        "--FastGate:Llm:Timeouts:Total=00:03:00",
    ];

    /// <summary>The requests received, oldest first.</summary>
    public async Task<IReadOnlyList<JsonObject>> RequestsAsync()
    {
        using HttpClient http = new() { Timeout = Deadline.Hang };
        string body = await http.GetStringAsync(new Uri($"http://127.0.0.1:{Port}/requests"));
        return [.. JsonNode.Parse(body)!.AsArray().Select(item => item!.AsObject())];
    }

    public async Task DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}
