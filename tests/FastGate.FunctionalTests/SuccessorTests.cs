using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>The process that a restart starts.</summary>
public sealed class SuccessorTests
{
    private const string Secret = "secret-of-the-console";

    [Fact]
    public async Task Successor_that_cannot_start_leaves_the_old_server_running()
    {
        string copy = Directory.CreateTempSubdirectory("fastgate-copy-").FullName;
        try
        {
            CopyServer(copy);
            var launched = GatewayProcess.Launch(
                [$"--FastGate:Management:Secret={Secret}"], copy: Path.Combine(copy, Path.GetFileName(RepositoryPaths.ServerAssembly)));
            await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(launched);
            await using DeviceClient console = await DeviceClient.ConnectAsync(gateway, "console");

            // Simulates an update that overwrote only a part of the files.
            foreach (string file in Directory.GetFiles(copy, "*.runtimeconfig.json"))
            {
                await File.WriteAllTextAsync(file, "{");
            }

            await console.SendAsync(DeviceTexts.Restart(Secret));

            Assert.Equal("success", (string?)(await console.ReceiveAsync())["status"]);
            JsonObject correction = await console.ReceiveAsync();
            Assert.Equal("error", (string?)correction["status"]);
            Assert.StartsWith("Restart failed: ", (string?)correction["message"], StringComparison.Ordinal);
            await console.PingAsync();
            Assert.False(gateway.HasExited);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Waiting_successor_shares_no_descriptor_and_is_replaced_when_killed()
    {
        OpenAiServer llm = new();
        await llm.InitializeAsync();
        string listen = $"--FastGate:Devices:Listen=127.0.0.1:{FreePort.Next()}";
        int httpPort = FreePort.Next();
        string[] options =
        [
            .. llm.Options("silent"),
            "--FastGate:Llm:Timeouts:FirstToken=00:05:00",
            "--FastGate:Llm:Timeouts:Total=00:10:00",
            "--FastGate:Drain:Deadline=00:05:00",
            listen,
            $"--FastGate:Http:Listen=127.0.0.1:{httpPort}",
            $"--FastGate:Management:Secret={Secret}",
        ];
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(options);
        try
        {
            // A turn that does not end keeps the old server draining and the successor waiting.
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "waiting");
            await device.HelloAsync();
            await device.SendAsync(DeviceTexts.Detect("等等"));
            await Eventually.TrueAsync(async () => (await llm.RequestsAsync()).Count > 0);
            await using DeviceClient console = await DeviceClient.ConnectAsync(gateway, "console");
            await console.SendAsync(DeviceTexts.Restart(Secret));
            Assert.Equal("success", (string?)(await console.ReceiveAsync())["status"]);
            int first = await WaitingAsync(gateway, listen, except: 0);
            AssertSharesNothing(gateway, first);

            PosixProcess.Signal(first, PosixProcess.SigKill);
            int second = await WaitingAsync(gateway, listen, except: first);
            await gateway.KillAsync();

            using HttpClient http = new();
            await Eventually.TrueAsync(() => IsReadyAsync(http, new Uri($"http://127.0.0.1:{httpPort}/health/ready")), Deadline.Program);
            Assert.Contains(PosixProcess.Descriptors(second), target => target == gateway.DatabasePath);
            PosixProcess.Signal(second, PosixProcess.SigTerm);
            await Eventually.TrueAsync(() => PosixProcess.FindByCommandLine(listen).Count == 0);
        }
        finally
        {
            foreach (int left in PosixProcess.FindByCommandLine(listen))
            {
                PosixProcess.Signal(left, PosixProcess.SigKill);
            }

            await llm.DisposeAsync();
        }
    }

    private static void AssertSharesNothing(GatewayProcess old, int successor)
    {
        IReadOnlyList<string> held = PosixProcess.Descriptors(successor);
        HashSet<string> sockets = [.. PosixProcess.Descriptors(old.ProcessId).Where(IsSocketOrPipe)];
        Assert.NotEmpty(sockets);
        Assert.Empty(held.Where(IsSocketOrPipe).Intersect(sockets));
        Assert.Contains(PosixProcess.Descriptors(old.ProcessId), target => target == old.DatabasePath);
        Assert.DoesNotContain(held, target => target.StartsWith(old.DatabasePath, StringComparison.Ordinal));
    }

    private static bool IsSocketOrPipe(string target) =>
        target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("pipe:", StringComparison.Ordinal);

    /// <summary>Returns the process that the server's log names as its successor.</summary>
    private static async Task<int> WaitingAsync(GatewayProcess gateway, string listen, int except)
    {
        int found = 0;
        await Eventually.TrueAsync(
            () =>
            {
                found = PosixProcess.FindByCommandLine(listen).FirstOrDefault(id => id != gateway.ProcessId && id != except);
                return gateway.Log.Contains($"process {found} takes over", StringComparison.Ordinal);
            },
            Deadline.Program);
        return found;
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, Uri uri)
    {
        try
        {
            using HttpResponseMessage reply = await http.GetAsync(uri);
            return reply.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static void CopyServer(string target)
    {
        string source = Path.GetDirectoryName(RepositoryPaths.ServerAssembly)!;
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
