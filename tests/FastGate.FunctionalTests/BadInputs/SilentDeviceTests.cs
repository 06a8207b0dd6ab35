using System.Text;
using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>Devices that say nothing after the handshake or after their hello. The tests check that a connection is closed, not when.</summary>
public sealed class SilentDeviceTests(ShortIdleGateway fixture) : IClassFixture<ShortIdleGateway>
{
    [Fact]
    public async Task Device_without_hello_is_closed()
    {
        using RawConnection device = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, "silent");
        await device.ReadToEndAsync();
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Idle_device_is_warned_and_then_closed()
    {
        // The hello follows the request at once, because the server does not wait long for it.
        using RawConnection device = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        await device.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(DeviceTexts.Esp32Request("idle")), .. ClientFrame.Text(DeviceTexts.Hello)]);
        Assert.Equal(101, (await device.ReadReplyAsync()).Status);
        Assert.Contains("\"hello\"", (await device.ReadFrameAsync(RawFrame.Text))?.PayloadText, StringComparison.Ordinal);
        RawFrame? warning = await device.ReadFrameAsync(RawFrame.Text);
        Assert.Contains("timeout_warning", warning?.PayloadText, StringComparison.Ordinal);

        // The device does not answer the close frame, as the stock firmware does not.
        RawFrame? close = await device.ReadFrameAsync(RawFrame.Close);
        Assert.NotNull(close);
        await device.ReadToEndAsync();
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Device_with_an_unfinished_frame_is_closed()
    {
        using RawConnection device = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, "declares");

        // The server may have closed the connection already.
        await device.TrySendAsync(ClientFrame.Header(RawFrame.Binary, 60_000));
        await device.ReadToEndAsync();
        await fixture.AssertHealthyAsync();
    }
}
