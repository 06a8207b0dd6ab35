using System.Text.RegularExpressions;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Deploy;

/// <summary>What the cluster does to a gateway by the published manifest: its probes, and its stop.</summary>
public sealed partial class KubernetesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-pod-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Probes_answer_and_the_stop_moves_the_devices_away_before_the_signal()
    {
        string manifest = DeployFiles.Read("kubernetes/fastgate.yaml");
        string token = Path.Combine(_directory, "admin-token");
        await File.WriteAllTextAsync(token, "token-of-the-pod\n");
        await using GatewayProcess gateway = await GatewayProcess.StartAsync([$"--FastGate:Admin:Token_FILE={token}"], _directory);
        using HttpClient http = new();
        Assert.All(await Task.WhenAll(Probe().Matches(manifest).Select(match => http.GetAsync(gateway.HttpUri(match.Groups[1].Value)))), static reply => Assert.True(reply.IsSuccessStatusCode));
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "in-a-pod");
        await device.HelloAsync();

        string[] preStop = Command().Match(manifest).Groups[1].Value.Split(", ").Select(static word => word.Trim('"')).ToArray();
        Assert.Equal(["dotnet", "/app/FastGate.dll"], preStop[..2]);
        string[] server = RepositoryPaths.ServerCommand();
        Task<string> drain = ExternalProgram.RunAsync(
            server[0], [.. server[1..], .. preStop[2..].Select(word => word == "/run/secrets/fastgate/admin-token" ? token : word)], _directory);
        await device.ReceiveCloseAsync();
        await drain;

        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => DeviceClient.ConnectAsync(gateway, "too-late"));
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    [GeneratedRegex("httpGet: { path: ([^,]+), port: http }")]
    private static partial Regex Probe();

    [GeneratedRegex(@"command: \[(dotnet, [^\]]+)\]")]
    private static partial Regex Command();
}
