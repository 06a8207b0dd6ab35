using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>More connections than the descriptor limit (<c>ulimit -n</c>) allows.</summary>
public sealed class DescriptorLimitTests
{
    private const int Descriptors = 400;
    private const int Connections = 600;

    /// <summary>Each event loop uses descriptors, so more loops leave fewer for devices.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    public async Task Connections_above_the_descriptor_limit_are_refused_and_the_server_recovers(int loops)
    {
        string[] arguments = [string.Create(CultureInfo.InvariantCulture, $"--FastGate:Devices:EventLoops={loops}")];
        await using var gateway = GatewayProcess.Launch(arguments, shell: string.Create(CultureInfo.InvariantCulture, $"ulimit -n {Descriptors}"));
        await gateway.WaitUntilReadyAsync();
        using AdminClient admin = new(gateway);
        await using DeviceClient first = await DeviceClient.ConnectAsync(gateway, "first");
        await first.HelloAsync();

        int accepted = 0;
        List<RawConnection> devices = [];
        try
        {
            for (int i = 0; i < Connections; i++)
            {
                RawConnection device = await RawConnection.OpenAsync(gateway.DevicePort);
                devices.Add(device);
                accepted += await IsAcceptedAsync(device, $"device-{i}") ? 1 : 0;
            }

            // The server accepts as many connections as it reports; the first device is one of them.
            int limit = (int)(await admin.StatusAsync())["connections"]!["limit"]!;
            Assert.InRange(limit, 1, Descriptors);
            Assert.Equal(limit - 1, accepted);

            // A connected device is still served: conversation, database and admin listener.
            await first.PingAsync();
            await first.SayAsync("挤不挤？");
            Assert.NotEmpty(await admin.StatusAsync());
            await Eventually.ValueAsync(() => admin.MemoryAsync("first"), static memory => memory.Contains("挤不挤？", StringComparison.Ordinal));
        }
        finally
        {
            devices.ForEach(static device => device.Dispose());
        }

        await Eventually.ValueAsync(admin.ConnectionCountAsync, static count => count == 1);
        await using DeviceClient late = await DeviceClient.ConnectAsync(gateway, "late");
        await late.HelloAsync();
        await late.SayAsync("现在不挤了");
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    [Fact]
    public async Task Silent_clients_that_use_up_all_descriptors_do_not_affect_a_connected_device()
    {
        await using var gateway = GatewayProcess.Launch([], shell: string.Create(CultureInfo.InvariantCulture, $"ulimit -n {Descriptors}"));
        await gateway.WaitUntilReadyAsync();
        using AdminClient admin = new(gateway);
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "within");
        await device.HelloAsync();
        await device.SayAsync("在吗？");

        List<RawConnection> clients = [];
        try
        {
            // The clients send nothing, so none of them is a device that MaxConnections counts.
            for (int i = 0; i < Connections; i++)
            {
                clients.Add(await RawConnection.OpenAsync(gateway.DevicePort));
            }

            // No descriptor was left for the last client; it gets 503 at once.
            string refusal = Encoding.ASCII.GetString(await clients[^1].ReadToEndAsync());
            Assert.StartsWith("HTTP/1.1 503 ", refusal, StringComparison.Ordinal);

            // A turn uses the model, the database and the log.
            for (int i = 0; i < 50; i++)
            {
                await device.PingAsync();
                await device.SayAsync("还在吗？");
            }
        }
        finally
        {
            clients.ForEach(static client => client.Dispose());
        }

        await Eventually.ValueAsync(admin.ConnectionCountAsync, static count => count == 1);
        Assert.InRange(await admin.MetricAsync("fastgate_transport_refused_total"), 1, Connections);

        // Accepting does not spin: at most about one failed accept per connection.
        Assert.InRange(await admin.MetricAsync("fastgate_transport_accept_errors_total"), 0, 2 * Connections);
        await using DeviceClient late = await DeviceClient.ConnectAsync(gateway, "late");
        await late.SayAsync("好了？");
        await Eventually.ValueAsync(() => admin.MemoryAsync("late"), static memory => memory.Contains("好了？", StringComparison.Ordinal));
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    /// <summary>
    /// The device listener is full and the public HTTP listener gets more idle sockets than it may hold: no descriptor is left to either, but the process
    /// keeps its own, serves the device that it has, and answers a health check.
    /// </summary>
    [Theory]
    [InlineData(300)]
    [InlineData(1_024)]
    [InlineData(4_096)]
    public async Task Idle_sockets_at_both_public_ports_leave_the_process_what_it_needs(int descriptors)
    {
        await using var gateway = GatewayProcess.Launch([], shell: string.Create(CultureInfo.InvariantCulture, $"ulimit -n {descriptors}"));
        await gateway.WaitUntilReadyAsync();
        using AdminClient admin = new(gateway);
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "within");
        await device.HelloAsync();

        List<TcpClient> idle = [];
        try
        {
            for (int i = 0; i < descriptors + 1_000; i++)
            {
                TcpClient client = new();
                idle.Add(client);
                await client.ConnectAsync(IPAddress.Loopback, i < descriptors ? gateway.DevicePort : gateway.HttpPort);
            }

            await device.PingAsync();
            await device.SayAsync("还在吗？");
            using HttpClient http = new();
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(gateway.HttpUri("/health/live"))).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(gateway.HttpUri("/xiaozhi/ota/"))).StatusCode);
            Assert.NotEmpty(await admin.StatusAsync());
            Assert.False(gateway.HasExited);
        }
        finally
        {
            idle.ForEach(static client => client.Dispose());
        }

        await Eventually.ValueAsync(admin.ConnectionCountAsync, static count => count == 1);

        // No listener has spun: a failed accept is followed by a pause.
        Assert.InRange(await admin.MetricAsync("fastgate_http_accept_errors_total"), 0, 20);
        await using DeviceClient late = await DeviceClient.ConnectAsync(gateway, "late");
        await late.SayAsync("好了？");
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    /// <summary>Returns whether a ping is answered; false when the server closes the connection, with or without a response.</summary>
    private static async Task<bool> IsAcceptedAsync(RawConnection device, string deviceId)
    {
        try
        {
            await device.SendAsync(DeviceTexts.Esp32Request(deviceId));
            if ((await device.ReadReplyAsync()).Status != 101)
            {
                await device.ReadToEndAsync();
                return false;
            }

            await device.TrySendAsync(ClientFrame.Text(DeviceTexts.Ping));
            RawFrame? answer = await device.ReadFrameAsync();
            if (answer?.PayloadText == """{"type":"pong"}""")
            {
                return true;
            }

            await device.TrySendAsync(ClientFrame.Close(1000));
            await device.ReadToEndAsync();
            return false;
        }
        catch (Exception refusal) when (refusal is SocketException or EndOfStreamException)
        {
            return false;
        }
    }
}
