using System.Globalization;
using System.Net.Sockets;
using System.Text;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>More devices than the operating system lets the server have descriptors for.</summary>
public sealed class DescriptorLimitTests
{
    private const int Descriptors = 400;
    private const int Crowd = 600;

    /// <summary>Each loop has descriptors of its own, so that a machine of many cores has fewer left for devices.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    public async Task The_crowd_is_refused_the_connected_are_served_and_the_server_recovers(int loops)
    {
        string[] arguments = [string.Create(CultureInfo.InvariantCulture, $"--FastGate:Devices:EventLoops={loops}")];
        await using var gateway = GatewayProcess.Launch(arguments, shell: string.Create(CultureInfo.InvariantCulture, $"ulimit -n {Descriptors}"));
        await gateway.WaitUntilReadyAsync();
        using AdminClient admin = new(gateway);
        await using DeviceClient first = await DeviceClient.ConnectAsync(gateway, "first");
        await first.HelloAsync();

        int welcome = 0;
        List<RawConnection> crowd = [];
        try
        {
            for (int i = 0; i < Crowd; i++)
            {
                RawConnection device = await RawConnection.OpenAsync(gateway.DevicePort);
                crowd.Add(device);
                welcome += await IsWelcomeAsync(device, $"crowd-{i}") ? 1 : 0;
            }

            // What the server says it can take it takes; the first of all is already in.
            int limit = (int)(await admin.StatusAsync())["connections"]!["limit"]!;
            Assert.InRange(limit, 1, Descriptors);
            Assert.Equal(limit - 1, welcome);

            // The whole road still works for whoever is in: a conversation, the database, the operator's door.
            await first.PingAsync();
            await first.SayAsync("挤不挤？");
            Assert.NotEmpty(await admin.StatusAsync());
            await Eventually.ValueAsync(() => admin.MemoryAsync("first"), static memory => memory.Contains("挤不挤？", StringComparison.Ordinal));
        }
        finally
        {
            crowd.ForEach(static device => device.Dispose());
        }

        await Eventually.ValueAsync(admin.ConnectionCountAsync, static count => count == 1);
        await using DeviceClient late = await DeviceClient.ConnectAsync(gateway, "late");
        await late.HelloAsync();
        await late.SayAsync("现在不挤了");
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    [Fact]
    public async Task Strangers_who_take_every_descriptor_are_turned_away_and_nobody_else_suffers()
    {
        await using var gateway = GatewayProcess.Launch([], shell: string.Create(CultureInfo.InvariantCulture, $"ulimit -n {Descriptors}"));
        await gateway.WaitUntilReadyAsync();
        using AdminClient admin = new(gateway);
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "within");
        await device.HelloAsync();
        await device.SayAsync("在吗？");

        List<RawConnection> strangers = [];
        try
        {
            // They say nothing, so none of them is a device that MaxConnections could count.
            for (int i = 0; i < Crowd; i++)
            {
                strangers.Add(await RawConnection.OpenAsync(gateway.DevicePort));
            }

            // The last has come when there was none left, and is told so at once.
            string refusal = Encoding.ASCII.GetString(await strangers[^1].ReadToEndAsync());
            Assert.StartsWith("HTTP/1.1 503 ", refusal, StringComparison.Ordinal);

            // A turn needs the model, the database and the log.
            for (int i = 0; i < 50; i++)
            {
                await device.PingAsync();
                await device.SayAsync("还在吗？");
            }
        }
        finally
        {
            strangers.ForEach(static stranger => stranger.Dispose());
        }

        await Eventually.ValueAsync(admin.ConnectionCountAsync, static count => count == 1);
        Assert.InRange(await admin.MetricAsync("fastgate_transport_refused_total"), 1, Crowd);

        // Nothing spun: at most about one failed accept a newcomer, however long the pressure lasted.
        Assert.InRange(await admin.MetricAsync("fastgate_transport_accept_errors_total"), 0, 2 * Crowd);
        await using DeviceClient late = await DeviceClient.ConnectAsync(gateway, "late");
        await late.SayAsync("好了？");
        await Eventually.ValueAsync(() => admin.MemoryAsync("late"), static memory => memory.Contains("好了？", StringComparison.Ordinal));
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    /// <summary>Welcome is a pong; a refusal is any answer that ends with the end of the connection, or that end alone.</summary>
    private static async Task<bool> IsWelcomeAsync(RawConnection device, string deviceId)
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
