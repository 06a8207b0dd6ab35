using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>The example that the README shows.</summary>
public sealed class ExampleTests
{
    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Example_prints_the_conversation_and_ends()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        string script = Path.Combine(RepositoryPaths.Root, "docs", "examples", "talk.py");

        // Without site packages: the example must not need any.
        string output = await ExternalProgram.RunAsync(ExternalProgram.Python, ["-I", "-S", script, "Hello, what can you do?", gateway.DeviceUri().ToString()]);

        string[] lines = output.TrimEnd().Split('\n');
        Assert.Equal("""device: {"type": "hello", "version": 1, "transport": "websocket"}""", lines[0]);
        Assert.Equal(["Hello,", "what can you do?"], lines.Where(static line => line.Contains("sentence_start", StringComparison.Ordinal))
            .Select(static line => line.Split("\"text\":\"")[1].Split('"')[0]));
        Assert.Contains("\"state\":\"stop\"", lines[^1], StringComparison.Ordinal);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Example_names_the_refusal()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Auth:Enabled=true", "--FastGate:Auth:Key=key-of-the-fleet");
        using System.Diagnostics.Process python = ExternalProgram.Start(
            ExternalProgram.Python, [Path.Combine(RepositoryPaths.Root, "docs", "examples", "talk.py"), "Hello", gateway.DeviceUri().ToString()]);
        Task<string> errors = python.StandardError.ReadToEndAsync();
        await python.WaitForExitAsync().WaitAsync(Deadline.Program);
        Assert.Equal(1, python.ExitCode);
        Assert.Contains("HTTP/1.1 401 Unauthorized", await errors, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => gateway.Log.Contains("[2007] Handshake of my-laptop from 127.0.0.1", StringComparison.Ordinal));
        Assert.Contains("refused with 401: MissingToken", gateway.Log, StringComparison.Ordinal);
    }
}
