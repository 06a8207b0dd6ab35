using System.Net.Sockets;
using System.Text;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>The state that a systemd unit of <c>Type=notify</c> waits for.</summary>
public sealed class SystemdTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-systemd-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Systemd_is_notified_when_the_listeners_are_open_and_when_the_drain_begins()
    {
        string path = Path.Combine(_directory, "notify");
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(path));

        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(
            GatewayProcess.Launch([], _directory, shell: $"export NOTIFY_SOCKET={path}"));

        Assert.Equal("READY=1", await ReceiveAsync(systemd));
        await gateway.TerminateAsync();
        Assert.Equal("STOPPING=1", await ReceiveAsync(systemd));
    }

    [Fact]
    public async Task A_notify_socket_without_a_listener_does_not_stop_the_start()
    {
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(
            GatewayProcess.Launch([], _directory, shell: $"export NOTIFY_SOCKET={Path.Combine(_directory, "missing")}"));

        await gateway.TerminateAsync();
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        using var timeout = new CancellationTokenSource(Deadline.Program);
        byte[] message = new byte[256];
        int length = await socket.ReceiveAsync(message, timeout.Token);
        return Encoding.UTF8.GetString(message, 0, length).TrimEnd('\n');
    }
}
