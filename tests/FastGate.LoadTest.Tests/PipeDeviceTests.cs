using System.IO.Pipelines;
using System.Net.Sockets;
using FastGate.FunctionalTests.Server;
using FastGate.LoadTest.Devices;

namespace FastGate.LoadTest.Tests;

public class PipeDeviceTests(LoadFixture servers) : IClassFixture<LoadFixture>
{
    [Fact]
    public async Task Device_pings_speaks_and_interrupts()
    {
        using CancellationTokenSource hang = new(Deadline.Hang);
        await using PipeDevice device = await OpenAsync(servers.Gateway, 1, "/", hang.Token);
        Assert.NotEqual(Guid.Empty, device.Session);
        await device.PingAsync(hang.Token);
        await device.SpeakAsync(TimeSpan.FromMilliseconds(120), hang.Token);
        await device.AskAsync("hello", bargeIn: false, hang.Token);
        await device.AskAsync("hello again", bargeIn: true, hang.Token);
        await device.PingAsync(hang.Token);
    }

    [Fact]
    public async Task Device_receives_its_frame()
    {
        using CancellationTokenSource hang = new(Deadline.Hang);
        await using PipeDevice device = await OpenAsync(servers.Echo, 2, "/", hang.Token);
        await device.EchoFrameAsync(hang.Token);
        await device.EchoFrameAsync(hang.Token);
    }

    [Fact]
    public async Task Replaced_device_sees_its_connection_end()
    {
        using CancellationTokenSource hang = new(Deadline.Hang);
        await using PipeDevice old = await OpenAsync(servers.Gateway, 3, "/", hang.Token);
        await using PipeDevice successor = await OpenAsync(servers.Gateway, 3, "/", hang.Token);
        await old.WaitForEndAsync(hang.Token);
        await Assert.ThrowsAsync<IOException>(() => old.PingAsync(hang.Token));
        await successor.PingAsync(hang.Token);
    }

    [Fact]
    public async Task Refusal_contains_the_status()
    {
        using CancellationTokenSource hang = new(Deadline.Hang);
        IOException refused = await Assert.ThrowsAsync<IOException>(() => OpenAsync(servers.Gateway, 4, "/" + new string('x', 4000), hang.Token));
        Assert.Contains("414", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<PipeDevice> OpenAsync(GatewayProcess gateway, int number, string path, CancellationToken stop)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", gateway.DevicePort, stop);
        NetworkStream stream = new(socket, ownsSocket: true);
        return await PipeDevice.OpenAsync(new StreamPipe(stream), stream, new FirmwareRequest("127.0.0.1", path, token: null), seed: 9, number, stop);
    }

    private sealed class StreamPipe(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
