using System.Net.Sockets;
using System.Text;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Restarts;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Deploy;

/// <summary>The published unit: systemd's own check of it, and its command line under a stand-in for systemd's notify socket.</summary>
public sealed class SystemdUnitTests : IDisposable
{
    private const string Unit = "systemd/fastgate.service";

    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-unit-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Systemd_accepts_the_unit_and_rates_it_as_protected()
    {
        string file = Path.Combine(_directory, "fastgate.service");
        await File.WriteAllTextAsync(file, DeployFiles.Read(Unit, ("/opt/fastgate/FastGate\n", "/bin/true\n")));
        await ExternalProgram.RunAsync("systemd-analyze", ["verify", "--man=no", file]);

        // Of 10, where a unit without settings has 9.6; the command fails above the threshold, which is in tenths.
        await ExternalProgram.RunAsync("systemd-analyze", ["security", "--offline=true", "--threshold=20", file]);
    }

    [Fact]
    public async Task The_command_of_the_unit_reports_ready_and_pings_the_watchdog_until_it_stops()
    {
        string text = DeployFiles.Read(Unit);
        Assert.Equal("notify", Setting(text, "Type"));
        Assert.Equal("/opt/fastgate/FastGate", Setting(text, "ExecStart"));
        Assert.Equal("/bin/kill -HUP $MAINPID", Setting(text, "ExecReload"));
        string path = Path.Combine(_directory, "notify");
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(path));
        Assert.Equal("30", Setting(text, "WatchdogSec"));

        // Systemd sets the variable from WatchdogSec; a shorter interval only makes the test short.
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(GatewayProcess.Launch(
            [], _directory, shell: $"export NOTIFY_SOCKET={path} WATCHDOG_USEC=300000 WATCHDOG_PID=$$ FASTGATE_CONFIG_FOLDER={_directory}"));

        Assert.Equal("READY=1", await ReceiveAsync(systemd));
        for (int ping = 0; ping < 4; ping++)
        {
            Assert.Equal("WATCHDOG=1", await ReceiveAsync(systemd));
        }

        // The reload of the unit reads the configuration and keeps the process.
        await File.WriteAllTextAsync(Path.Combine(_directory, "appsettings.json"), """{"FastGate":{"Devices":{"Timeouts":{"Idle":"00:05:00"}}}}""");
        await ExternalProgram.RunAsync("/bin/sh", ["-c", $"MAINPID={gateway.ProcessId}; {Setting(text, "ExecReload")}"]);
        await Eventually.TrueAsync(() => gateway.Log.Contains("Configuration reloaded", StringComparison.Ordinal));
        Assert.Equal("WATCHDOG=1", await ReceiveAsync(systemd));

        // A restart in place is a reload for systemd; the program after it pings.
        await RestartRequest.RunAsync(gateway);
        Assert.Matches("^RELOADING=1\nMONOTONIC_USEC=[0-9]+$", await ReceiveNextAsync(systemd));
        Assert.Equal("READY=1", await ReceiveNextAsync(systemd));
        Assert.Equal("WATCHDOG=1", await ReceiveAsync(systemd));

        gateway.Signal(PosixProcess.SigTerm);
        Assert.Equal("STOPPING=1", await ReceiveNextAsync(systemd));
        Assert.Equal(0, await gateway.WaitForExitAsync());
    }

    [Fact]
    public async Task Without_a_watchdog_nothing_is_sent_between_the_start_and_the_stop()
    {
        string path = Path.Combine(_directory, "quiet");
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(path));
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(GatewayProcess.Launch(
            [], _directory, shell: $"export NOTIFY_SOCKET={path} WATCHDOG_USEC=30000 WATCHDOG_PID=1"));
        await gateway.TerminateAsync();
        Assert.Equal("READY=1", await ReceiveAsync(systemd));
        Assert.Equal("STOPPING=1", await ReceiveAsync(systemd));
    }

    /// <summary>The next message that is no ping.</summary>
    private static async Task<string> ReceiveNextAsync(Socket socket)
    {
        while (true)
        {
            string message = await ReceiveAsync(socket);
            if (message != "WATCHDOG=1")
            {
                return message;
            }
        }
    }

    private static string? Setting(string unit, string name) =>
        unit.Split('\n').FirstOrDefault(line => line.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        using var timeout = new CancellationTokenSource(Deadline.Program);
        byte[] message = new byte[256];
        int length = await socket.ReceiveAsync(message, timeout.Token);
        return Encoding.UTF8.GetString(message, 0, length).TrimEnd('\n');
    }
}
