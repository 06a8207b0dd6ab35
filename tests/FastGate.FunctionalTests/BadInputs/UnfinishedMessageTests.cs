using System.Net;
using System.Net.Sockets;
using System.Text;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>Many devices with a large unfinished message each, under a small heap.</summary>
public sealed class UnfinishedMessageTests
{
    private const int Devices = 1_500;
    private const int PieceBytes = 60_000;
    private const int Pieces = 4;

    [Fact]
    public async Task Unfinished_messages_of_many_devices_do_not_fill_the_heap()
    {
        await using var gateway = GatewayProcess.Launch([], shell: "export DOTNET_GCHeapHardLimit=8000000");
        await gateway.WaitUntilReadyAsync();
        using AdminClient admin = new(gateway);
        await using DeviceClient bystander = await DeviceClient.ConnectAsync(gateway, "bystander");
        await bystander.HelloAsync();
        byte[] piece = new byte[PieceBytes];
        byte[] first = ClientFrame.Build(RawFrame.Binary, piece, fin: false);
        byte[] next = ClientFrame.Build(RawFrame.Continuation, piece, fin: false);
        List<TcpClient> devices = [];
        try
        {
            for (int i = 0; i < Devices; i++)
            {
                TcpClient device = new();
                devices.Add(device);
                await SendUnfinishedAsync(device, gateway.DevicePort, i, first, next);
            }

            // The budget is 16 MiB, so most of them cannot be kept.
            await Eventually.ValueAsync(() => admin.MetricAsync("fastgate_connections_ended_total", "memory_pressure"), static ended => ended > Devices / 2);
            await bystander.PingAsync();
            await bystander.SayAsync("还在吗？");
        }
        finally
        {
            devices.ForEach(static device => device.Dispose());
        }

        Assert.False(gateway.HasExited);
        await Eventually.ValueAsync(() => admin.MetricAsync("fastgate_messages_unfinished_bytes"), static bytes => bytes == 0);
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    /// <summary>The server may end the connection at any time.</summary>
    private static async Task SendUnfinishedAsync(TcpClient device, int port, int number, byte[] first, byte[] next)
    {
        try
        {
            await device.ConnectAsync(IPAddress.Loopback, port);
            NetworkStream stream = device.GetStream();
            await stream.WriteAsync(Encoding.UTF8.GetBytes(DeviceTexts.Esp32Request($"device-{number}")));
            for (int i = 0; i < Pieces; i++)
            {
                await stream.WriteAsync(i == 0 ? first : next);
            }
        }
        catch (IOException)
        {
            // Counted by the server.
        }
    }
}
