using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Restarts;

/// <summary>A restart in place keeps the process id, so an init, a container and systemd see one process that continues.</summary>
public sealed class SupervisedRestartTests
{
    [RequiresProgramFact(RequiredProgram.Unshare)]
    public Task As_process_1_of_a_namespace() => RestartUnderAsync("unshare --pid --fork --mount-proc", processId: 1);

    [RequiresProgramFact(RequiredProgram.Tini)]
    public Task Under_an_init_that_is_not_process_1_of_the_system() => RestartUnderAsync("tini -s --", processId: null);

    [RequiresProgramFact(RequiredProgram.Tini)]
    public Task Under_an_init_that_is_process_1_of_a_namespace() => RestartUnderAsync("unshare --pid --fork --mount-proc tini --", processId: null);

    [Fact]
    public async Task Systemd_is_notified_of_the_restart_and_its_end()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-systemd-").FullName;
        try
        {
            string path = Path.Combine(directory, "notify");
            using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            systemd.Bind(new UnixDomainSocketEndPoint(path));
            await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(
                GatewayProcess.Launch([], directory, shell: $"export NOTIFY_SOCKET={path} SYSTEMD_EXEC_PID=$$"));
            Assert.Equal("READY=1", await ReceiveAsync(systemd));
            int processId = gateway.ProcessId;

            await RestartRequest.RunAsync(gateway);

            string[] reloading = (await ReceiveAsync(systemd)).Split('\n');
            Assert.Equal("RELOADING=1", reloading[0]);
            Assert.StartsWith("MONOTONIC_USEC=", reloading[1], StringComparison.Ordinal);
            long uptime = (long)(1e6 * double.Parse((await File.ReadAllTextAsync("/proc/uptime")).Split(' ')[0], CultureInfo.InvariantCulture));
            Assert.InRange(long.Parse(reloading[1].Split('=')[1], CultureInfo.InvariantCulture), uptime - 120_000_000, uptime + 1_000_000);
            Assert.Equal("READY=1", await ReceiveAsync(systemd));
            Assert.Equal(processId, gateway.ProcessId);

            // A refused restart ends the reload that systemd waits for.
            await File.WriteAllTextAsync(Path.Combine(directory, "appsettings.json"), """{"FastGate":{"Devices":{"Limits":{"Frame":-1}}}}""");
            using HttpClient http = new();
            using HttpResponseMessage refused = await http.PostAsync(gateway.AdminUri("/api/v1/restart"), null);
            Assert.StartsWith("RELOADING=1", await ReceiveAsync(systemd), StringComparison.Ordinal);
            Assert.Equal("READY=1", await ReceiveAsync(systemd));
            await gateway.TerminateAsync();
            Assert.Equal("STOPPING=1", await ReceiveAsync(systemd));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task RestartUnderAsync(string wrapper, int? processId)
    {
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(GatewayProcess.Launch([], shell: $"set -- {wrapper} \"$@\""));
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "device");
        await device.HelloAsync();
        using AdminClient before = new(gateway);
        int id = (int)(await before.StatusAsync())["process"]!["id"]!;
        Assert.Equal(processId ?? id, id);

        await RestartRequest.RunAsync(gateway);
        await RestartRequest.RunAsync(gateway);

        await device.PingAsync();
        using AdminClient after = new(gateway);
        JsonObject status = await after.StatusAsync();
        Assert.Equal(id, (int)status["process"]!["id"]!);
        Assert.Equal(2, (int)status["restart"]!["restarts"]!);
        Assert.False(gateway.HasExited);
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        using var timeout = new CancellationTokenSource(Deadline.Program);
        byte[] message = new byte[256];
        int length = await socket.ReceiveAsync(message, timeout.Token);
        return Encoding.UTF8.GetString(message, 0, length).TrimEnd('\n');
    }
}
