using System.Net;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Restarts;

/// <summary>A restart that would fail is refused with its reason; no connection notices.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class RefusedRestartTests : IDisposable
{
    private const string Secret = "secret-of-the-console";

    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-refused-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Invalid_configuration_is_refused()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync([$"--FastGate:Management:Secret={Secret}"], _directory);
        await File.WriteAllTextAsync(Path.Combine(_directory, "appsettings.json"), """{"FastGate":{"Devices":{"Limits":{"Frame":-1}}}}""");

        await AssertRefusedAsync(gateway, "Devices:Limits:Frame");
    }

    [Fact]
    public async Task Program_with_a_missing_file_is_refused()
    {
        string program = CopyServer();
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(
            GatewayProcess.Launch([$"--FastGate:Management:Secret={Secret}"], copy: Path.Combine(program, Path.GetFileName(RepositoryPaths.ServerAssembly))));

        // As by an update that was interrupted. The running server has the file open, so it is renamed and not changed.
        (string missing, string named) = RepositoryPaths.IsNativeServer ? ("libe_sqlite3.so", "e_sqlite3") : ("FastGate.Protocol.dll", "FastGate.Protocol");
        File.Delete(Path.Combine(program, missing));

        await AssertRefusedAsync(gateway, named);
    }

    [Theory]
    [InlineData("echo no such luck >&2; exit 1", "status 1: no such luck")]
    [InlineData("exit 0", "cannot take over the state")]
    [InlineData("echo password of the token is token-of-the-admin >&2; exit 3", "status 3: password of the token is ***")]
    public async Task Another_program_in_its_place_is_refused(string script, string reason)
    {
        // The server is started through a link, which an update replaces.
        string host = Path.Combine(_directory, "host");
        File.CreateSymbolicLink(host, RepositoryPaths.Program);
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(
            GatewayProcess.Launch([$"--FastGate:Management:Secret={Secret}", "--FastGate:Admin:Token=token-of-the-admin"], link: host));
        string replacement = Path.Combine(_directory, "replacement");
        await File.WriteAllTextAsync(replacement, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(replacement, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(replacement, host, overwrite: true);

        await AssertRefusedAsync(gateway, reason);
    }

    [Fact]
    public async Task Program_that_is_gone_is_refused()
    {
        string host = Path.Combine(_directory, "host");
        File.CreateSymbolicLink(host, RepositoryPaths.Program);
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(
            GatewayProcess.Launch([$"--FastGate:Management:Secret={Secret}"], link: host));
        File.Delete(host);

        await AssertRefusedAsync(gateway, "cannot be started");
    }

    /// <summary>The program disappears after its rehearsal: the connections have left the loops when the replacement fails, and are adopted again.</summary>
    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Program_that_disappears_after_its_rehearsal_leaves_every_connection_open()
    {
        OpenAiServer llm = new();
        await llm.InitializeAsync();
        try
        {
            string host = Path.Combine(_directory, "host");
            File.CreateSymbolicLink(host, RepositoryPaths.Program);
            string[] options = [.. llm.Options("silent"), "--FastGate:Llm:Timeouts:FirstToken=00:05:00", "--FastGate:Llm:Timeouts:Total=00:10:00", "--FastGate:Restart:TurnWait=00:01:00"];
            await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(GatewayProcess.Launch(options, link: host));
            await using DeviceClient idle = await DeviceClient.ConnectAsync(gateway, "idle");
            await idle.HelloAsync();
            string session = idle.SessionId!;
            await using DeviceClient waiting = await DeviceClient.ConnectAsync(gateway, "waiting");
            await waiting.HelloAsync();
            using RawConnection handshaking = await RawConnection.OpenAsync(gateway.DevicePort);
            string request = DeviceTexts.Esp32Request("handshaking");
            await handshaking.SendAsync(request[..50]);

            // The turn holds the restart between the rehearsal and the replacement until the device ends it.
            await waiting.SendAsync(DeviceTexts.Detect("wait"));
            await Eventually.TrueAsync(async () => (await llm.RequestsAsync()).Count > 0);
            using HttpClient http = new() { Timeout = Deadline.Program };
            using HttpResponseMessage answer = await http.PostAsync(gateway.AdminUri("/api/v1/restart"), null);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            File.Delete(host);
            await waiting.SendAsync("""{"type":"abort"}""");

            await Eventually.TrueAsync(() => gateway.Log.Contains("could not replace this program", StringComparison.Ordinal), Deadline.Program);
            await idle.PingAsync();
            await idle.HelloAsync();
            Assert.Equal(session, idle.SessionId);
            await waiting.ReceiveUntilAsync("tts", "stop");
            await waiting.PingAsync();
            await handshaking.SendAsync(request[50..]);
            Assert.Equal(101, (await handshaking.ReadReplyAsync()).Status);
            await using DeviceClient late = await DeviceClient.ConnectAsync(gateway, "late");
            await late.HelloAsync();
            JsonNode report = JsonNode.Parse(await http.GetStringAsync(gateway.AdminUri("/api/v1/restart")))!;
            Assert.Equal(0, (int)report["restarts"]!);
            Assert.Contains("could not replace this program", (string?)report["refused"]!["reason"], StringComparison.Ordinal);
            using AdminClient admin = new(gateway);
            await Eventually.ValueAsync(admin.ConnectionCountAsync, static count => count == 4);
        }
        finally
        {
            await llm.DisposeAsync();
        }
    }

    /// <summary>By message, API and command line; the same connection, session, process and listeners are there afterwards.</summary>
    private static async Task AssertRefusedAsync(GatewayProcess gateway, string reason)
    {
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "device");
        await device.HelloAsync();
        int processId = gateway.ProcessId;
        await using DeviceClient console = await DeviceClient.ConnectAsync(gateway, "console");

        await console.SendAsync(DeviceTexts.Restart(Secret));

        JsonObject reply = await console.ReceiveAsync();
        Assert.Equal("error", (string?)reply["status"]);
        Assert.StartsWith("Restart failed: ", (string?)reply["message"], StringComparison.Ordinal);
        Assert.Contains(reason, (string?)reply["message"], StringComparison.Ordinal);

        using HttpClient http = new();
        http.DefaultRequestHeaders.Authorization = new("Bearer", "token-of-the-admin");
        using HttpResponseMessage answer = await http.PostAsync(gateway.AdminUri("/api/v1/restart"), null);
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains(reason, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["error"], StringComparison.Ordinal);
        JsonNode report = JsonNode.Parse(await http.GetStringAsync(gateway.AdminUri("/api/v1/restart")))!;
        Assert.Equal(0, (int)report["restarts"]!);
        Assert.Contains(reason, (string?)report["refused"]!["reason"], StringComparison.Ordinal);

        await device.PingAsync();
        Assert.NotEmpty(device.SessionId!);
        Assert.Equal(processId, gateway.ProcessId);
        Assert.False(gateway.HasExited);
        Assert.Contains("Restart refused: ", gateway.Log, StringComparison.Ordinal);
        Assert.Contains(reason, gateway.Log, StringComparison.Ordinal);
        Assert.Equal("", await File.ReadAllTextAsync($"/proc/{processId}/task/{processId}/children"));
        Assert.DoesNotContain("token-of-the-admin", gateway.Log, StringComparison.Ordinal);
    }

    private string CopyServer()
    {
        string target = Path.Combine(_directory, "program");
        string source = Path.GetDirectoryName(RepositoryPaths.ServerAssembly)!;
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return target;
    }
}
