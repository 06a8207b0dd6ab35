using System.Diagnostics;
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
        using RawConnection device = await GreetedAsync("idle");
        RawFrame? warning = await device.ReadFrameAsync(RawFrame.Text);
        Assert.Contains("timeout_warning", warning?.PayloadText, StringComparison.Ordinal);

        // The device does not answer the close frame, as the stock firmware does not.
        RawFrame? close = await device.ReadFrameAsync(RawFrame.Close);
        Assert.NotNull(close);
        await device.ReadToEndAsync();
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Message_after_the_idle_warning_keeps_the_connection()
    {
        for (int attempt = 1; attempt < 20; attempt++)
        {
            long began = Stopwatch.GetTimestamp();
            using RawConnection device = await GreetedAsync("woken");
            Assert.Contains("timeout_warning", (await device.ReadFrameAsync(RawFrame.Text))?.PayloadText, StringComparison.Ordinal);
            await device.TrySendAsync(ClientFrame.Text(DeviceTexts.Ping));
            RawFrame? pong = await device.ReadFrameAsync(RawFrame.Text);
            if (Stopwatch.GetElapsedTime(began) > ShortIdleGateway.Idle + (ShortIdleGateway.Grace / 2))
            {
                // The machine has paused: the server may have closed the connection before it read the message.
                continue;
            }

            Assert.Equal("""{"type":"pong"}""", pong?.PayloadText);

            // The idle time starts again: it ends with a warning and not with the close that the first one announced.
            Assert.Contains("timeout_warning", (await device.ReadFrameAsync(RawFrame.Text))?.PayloadText, StringComparison.Ordinal);
            return;
        }

        Assert.Fail("the machine paused in every attempt");
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

    /// <summary>A device that has said hello: directly behind its request, because the server does not wait long.</summary>
    private async Task<RawConnection> GreetedAsync(string deviceId)
    {
        RawConnection device = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        await device.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(DeviceTexts.Esp32Request(deviceId)), .. ClientFrame.Text(DeviceTexts.Hello)]);
        Assert.Equal(101, (await device.ReadReplyAsync()).Status);
        Assert.Contains("\"hello\"", (await device.ReadFrameAsync(RawFrame.Text))?.PayloadText, StringComparison.Ordinal);
        return device;
    }
}
