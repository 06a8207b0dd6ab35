using System.Net.Sockets;
using System.Net.WebSockets;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.TakeOver;

/// <summary>A running server with devices, and a client that connects anew all the time.</summary>
public sealed class TakeOverFixture : IAsyncDisposable
{
    private readonly string[] _arguments;
    private readonly CancellationTokenSource _stop = new();
    private Task _connecting = Task.CompletedTask;
    private int _connected;
    private int _refused;

    private TakeOverFixture(string directory, string[] arguments)
    {
        (Directory, _arguments) = (directory, arguments);
    }

    public string Directory { get; }

    public string Socket => Path.Combine(Directory, "handover.sock");

    public GatewayProcess Old { get; private set; } = null!;

    public List<DeviceClient> Devices { get; } = [];

    /// <summary>Connects that were refused or reset before the server had answered.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <param name="devices">Connect and say hello.</param>
    /// <param name="shell">Returns what a shell does before it runs the server, for the fixture's directory.</param>
    /// <param name="options">Further settings.</param>
    public static async Task<TakeOverFixture> StartAsync(int devices, Func<string, string>? shell = null, params string[] options)
    {
        string directory = System.IO.Directory.CreateTempSubdirectory("fastgate-takeover-").FullName;
        string[] arguments =
        [
            $"--FastGate:Devices:Listen=127.0.0.1:{FreePort.Next()}",
            $"--FastGate:Http:Listen=127.0.0.1:{FreePort.Next()}",
            $"--FastGate:Admin:Listen=127.0.0.1:{FreePort.Next()}",
            $"--FastGate:Restart:HandOverSocket={Path.Combine(directory, "handover.sock")}",
            .. options,
        ];
        var fixture = new TakeOverFixture(directory, arguments)
        {
            Old = await GatewayProcess.ReadyAsync(GatewayProcess.Launch(arguments, directory, shell?.Invoke(directory))),
        };
        await Eventually.TrueAsync(() => File.Exists(fixture.Socket));
        for (int i = 0; i < devices; i++)
        {
            DeviceClient device = await DeviceClient.ConnectAsync(fixture.Old, $"device-{i}");
            await device.HelloAsync();
            fixture.Devices.Add(device);
        }

        return fixture;
    }

    /// <summary>Starts the process that takes over, at the running server's socket or another one.</summary>
    public GatewayProcess TakeOver(string? socket = null, params string[] options) =>
        GatewayProcess.Launch(["--take-over", socket ?? Socket, .. _arguments, .. options], Directory);

    /// <summary>Connects to the device listener without a pause, until <see cref="StopConnectingAsync"/>.</summary>
    public void KeepConnecting()
    {
        int port = Old.DevicePort;
        _connecting = Task.Run(async () =>
        {
            byte[] request = "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray();
            while (!_stop.IsCancellationRequested)
            {
                using var client = new TcpClient();
                try
                {
                    await client.ConnectAsync("127.0.0.1", port);
                    await client.GetStream().WriteAsync(request);
                    _ = await client.GetStream().ReadAsync(new byte[1]) == 1 ? Interlocked.Increment(ref _connected) : Interlocked.Increment(ref _refused);
                }
                catch (Exception exception) when (exception is SocketException or IOException)
                {
                    Interlocked.Increment(ref _refused);
                }
            }
        });
    }

    /// <returns>The connects that were answered.</returns>
    public async Task<int> StopConnectingAsync()
    {
        // One more is answered after everything else.
        int before = Volatile.Read(ref _connected);
        await Eventually.TrueAsync(() => Volatile.Read(ref _connected) > before);
        await _stop.CancelAsync();
        await _connecting.WaitAsync(Deadline.Hang);
        return _connected;
    }

    /// <summary>Passes frames between the running server and a new process that connects to the relay.</summary>
    public FrameRelay Relay(string frame, Action act, bool dropsFrame = false) =>
        new(Socket, Path.Combine(Directory, "relay.sock"), frame, act, dropsFrame);

    /// <summary>No connect was refused. Where connections end with the killed process, the one that was open just then may be among them.</summary>
    public void AssertNoneRefused(bool allKept) => Assert.InRange(Refused, 0, allKept ? 0 : 1);

    /// <summary>For each device, whether a ping is answered. A device that is not answered and not closed fails the test.</summary>
    public async Task<IReadOnlyList<bool>> AnsweredAsync() => await Task.WhenAll(Devices.Select(IsAnsweredAsync));

    /// <summary>
    /// The server serves a number of the devices, the connections of all others are closed, and a new device is served. The first stage may also have had
    /// the connection of <see cref="KeepConnecting"/> that was open, and one that was being closed.
    /// </summary>
    /// <returns>The number of devices.</returns>
    public async Task<int> AssertServesAsync(GatewayProcess server, int least, int most)
    {
        int served = (await AnsweredAsync()).Count(static answered => answered);
        Assert.InRange(served, least, most);
        await using DeviceClient another = await DeviceClient.ConnectAsync(Old, "another");
        await another.HelloAsync();
        Assert.False(server.HasExited);
        return served;
    }

    /// <summary>The server owns a number of the devices: its stop closes them in order.</summary>
    public async Task AssertClosesAsync(GatewayProcess server, int devices)
    {
        Assert.Equal(0, await server.TerminateAsync());
        WebSocketCloseStatus?[] statuses = await Task.WhenAll(Devices.Select(static device => device.ReceiveCloseAsync()));
        Assert.Equal(devices, statuses.Count(static status => status == WebSocketCloseStatus.EndpointUnavailable));
    }

    private static async Task<bool> IsAnsweredAsync(DeviceClient device)
    {
        try
        {
            await device.PingAsync();
            return true;
        }
        catch (Exception exception) when (exception is WebSocketException or InvalidOperationException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (DeviceClient device in Devices)
        {
            await device.DisposeAsync();
        }

        await Old.DisposeAsync();
        _stop.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
