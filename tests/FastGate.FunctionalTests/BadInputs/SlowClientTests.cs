using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>Slow and silent clients with short timeouts. The tests check that a connection is closed, not when.</summary>
public sealed class SlowClientTests(ShortTimeoutGateway fixture) : IClassFixture<ShortTimeoutGateway>
{
    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("GET /xiaozhi/v1/ HTTP/1.1\r\nHost: gateway\r\nDevice-Id: ")]
    public async Task Silent_handshake_is_closed(string before)
    {
        using RawConnection client = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        await client.SendAsync(before);
        await client.ReadToEndAsync();
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Slow_handshake_is_closed_although_bytes_keep_arriving()
    {
        using RawConnection client = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        Task<byte[]> ended = client.ReadToEndAsync();
        using PeriodicTimer drip = new(TimeSpan.FromMilliseconds(100));
        await client.TrySendAsync("GET / HTTP/1.1\r\nX-Drip: "u8.ToArray());
        while (!ended.IsCompleted && await client.TrySendAsync("x"u8.ToArray()))
        {
            await drip.WaitForNextTickAsync();
        }

        await ended;
        await fixture.AssertHealthyAsync();
    }

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
        using RawConnection device = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, "idle");
        await device.SendAsync(ClientFrame.Text(DeviceTexts.Hello));
        await device.ReadFrameAsync(RawFrame.Text);
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
        using RawConnection device = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, "woken");
        await device.SendAsync(ClientFrame.Text(DeviceTexts.Hello));
        await device.ReadFrameAsync(RawFrame.Text);
        for (int round = 0; round < 2; round++)
        {
            RawFrame? warning = await device.ReadFrameAsync(RawFrame.Text);
            Assert.Contains("timeout_warning", warning?.PayloadText, StringComparison.Ordinal);
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
            Assert.Equal("""{"type":"pong"}""", (await device.ReadFrameAsync(RawFrame.Text))?.PayloadText);
        }
    }

    [Fact]
    public async Task Device_with_an_unfinished_frame_is_closed()
    {
        using RawConnection device = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, "declares");
        await device.SendAsync(ClientFrame.Header(RawFrame.Binary, 60_000));
        await device.ReadToEndAsync();
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Device_that_never_reads_is_closed_and_others_are_served()
    {
        using RawConnection reader = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, "never-reads", receiveBuffer: 4096);
        byte[] hellos = [.. Enumerable.Repeat(ClientFrame.Text(DeviceTexts.Hello), 200).SelectMany(static frame => frame)];
        var flood = Task.Run(async () =>
        {
            while (await reader.TrySendAsync(hellos))
            {
            }
        });
        await using (DeviceClient other = await DeviceClient.ConnectAsync(fixture.Gateway, "reads"))
        {
            await other.HelloAsync();
            await other.PingAsync();
            other.Drop();
        }

        await flood;
        await fixture.AssertHealthyAsync();
    }
}
