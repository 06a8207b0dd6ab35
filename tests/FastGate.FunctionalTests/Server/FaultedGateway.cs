using System.Net.Sockets;
using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.Server;

/// <summary>
/// A server whose first event loop's system calls fail as a test wants, and a bystander: a device of the same loop that must not notice. A fault costs its own
/// connection at most.
/// </summary>
public sealed class FaultedGateway : IAsyncDisposable
{
    private readonly string _answer;
    private RawConnection _bystander = null!;
    private int _descriptors;

    private FaultedGateway(GatewayProcess server, bool isEcho)
    {
        Server = server;
        Admin = new AdminClient(server);
        _answer = isEcho ? DeviceTexts.Ping : """{"type":"pong"}""";
    }

    public GatewayProcess Server { get; }

    public AdminClient Admin { get; }

    public static async Task<FaultedGateway> StartAsync(params string[] options)
    {
        GatewayProcess server = await GatewayProcess.StartAsync(["--FastGate:Devices:EventLoops=1", .. options]);
        FaultedGateway gateway = new(server, options.Contains("--FastGate:Devices:Echo=true"));
        gateway._bystander = await RawConnection.OpenDeviceAsync(server.DevicePort, "bystander");
        await gateway.AssertUnharmedAsync("the start");
        gateway._descriptors = gateway.Descriptors();
        return gateway;
    }

    /// <summary>Runs an exchange while calls of the loop fail; then everything else is as before.</summary>
    public async Task StrikeAsync(Func<Task> exchange, params string[] faults)
    {
        await using (SystemCallFaults injected = await SystemCallFaults.AttachToLoopAsync(Server.ProcessId, loop: 0, faults))
        {
            await exchange();
            await injected.AreInjectedAsync(faults);
        }

        await AssertUnharmedAsync(string.Join(", ", faults));
    }

    /// <summary>The bystander is served, the next device is served, and no other connection is open.</summary>
    public async Task AssertUnharmedAsync(string after)
    {
        await _bystander.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
        string? answer = (await _bystander.ReadFrameAsync())?.PayloadText;
        Assert.True(answer == _answer, $"after {after} the bystander read {answer ?? "the end"}");
        Assert.True(await TryServeAsync("next"), $"a device after {after} was not served");
        await Eventually.TrueAsync(async () => await Admin.ConnectionCountAsync() == 1, Deadline.Program, $"one connection is open after {after}");
    }

    /// <summary>True when the device was served from its request to its close.</summary>
    public async Task<bool> TryServeAsync(string name)
    {
        try
        {
            using RawConnection device = await RawConnection.OpenDeviceAsync(Server.DevicePort, name);
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
            bool answered = (await device.ReadFrameAsync())?.PayloadText == _answer;
            return answered && await device.TrySendAsync(ClientFrame.Close(1000)) && (await device.ReadFrameAsync())?.CloseStatus == 1000;
        }
        catch (Exception exception) when (exception is IOException or SocketException or Xunit.Sdk.XunitException)
        {
            return false;
        }
    }

    /// <summary>What the transport has counted as defects.</summary>
    public Task<double> DefectsAsync() => Admin.MetricAsync("fastgate_transport_faults_total", mayBeUnused: true);

    /// <summary>Ends the server, which has kept no descriptor and stops as usual.</summary>
    /// <param name="defects">What the transport has counted as defects; null for any number.</param>
    /// <param name="kept">Descriptors that injected faults of <c>close</c> have left open.</param>
    public async Task EndAsync(double? defects = 0, int kept = 0)
    {
        double counted = await DefectsAsync();
        Assert.Equal(defects ?? counted, counted);
        await HasOpenedAsync(kept);
        Assert.Equal(0, await Server.TerminateAsync());
    }

    /// <summary>Waits until the server has this many more descriptors open than after its start.</summary>
    public Task HasOpenedAsync(int descriptors) =>
        Eventually.ValueAsync(() => Task.FromResult(Descriptors() - _descriptors), opened => opened == descriptors, Deadline.Program);

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        _bystander?.Dispose();
        await Server.DisposeAsync();
    }

    /// <summary>Open sockets, epolls and eventfds. Files belong to the runtime.</summary>
    private int Descriptors() => PosixProcess.Descriptors(Server.ProcessId).Count(static target =>
        target.StartsWith("socket:", StringComparison.Ordinal) || target.StartsWith("anon_inode:", StringComparison.Ordinal));
}
