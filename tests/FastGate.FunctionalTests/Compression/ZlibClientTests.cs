using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Compression;

/// <summary>Conformance of permessage-deflate: published clients with zlib, all combinations of parameters, messages of 16 bytes to 128 KiB.</summary>
public sealed class ZlibClientTests(CompressingEcho fixture) : IClassFixture<CompressingEcho>
{
    private const string AllCombinations = "ok 81\n";

    /// <summary>It also checks that no distance in the server's messages leaves the window.</summary>
    [RequiresProgramFact(RequiredProgram.PythonWebSockets)]
    public Task Python_websockets_gets_every_echo() => CheckAsync(ExternalProgram.Python, Path.Combine(RepositoryPaths.Clients, "deflate_client.py"));

    [RequiresProgramFact(RequiredProgram.NodeWs)]
    public Task Node_ws_gets_every_echo() => CheckAsync("node", Path.Combine(RepositoryPaths.Clients, "node", "deflate.js"));

    private async Task CheckAsync(string program, string script) =>
        Assert.Equal(AllCombinations, await ExternalProgram.RunAsync(program, [script, fixture.Gateway.DeviceUri().AbsoluteUri]));
}
