using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>Those who take their time, against short deadlines. Only that they are ended is judged, never when.</summary>
public sealed class SlowStrangerTests(ImpatientGateway fixture) : IClassFixture<ImpatientGateway>
{
    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("GET /xiaozhi/v1/ HTTP/1.1\r\nHost: gateway\r\nDevice-Id: ")]
    public async Task Silence_within_the_handshake_is_ended(string before)
    {
        using RawConnection stranger = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        await stranger.SendAsync(before);
        await stranger.ReadToEndAsync();
        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task A_dripping_handshake_is_ended_however_it_drips()
    {
        using RawConnection stranger = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        Task<byte[]> ended = stranger.ReadToEndAsync();
        using PeriodicTimer drip = new(TimeSpan.FromMilliseconds(100));
        await stranger.TrySendAsync("GET / HTTP/1.1\r\nX-Drip: "u8.ToArray());
        while (!ended.IsCompleted && await stranger.TrySendAsync("x"u8.ToArray()))
        {
            await drip.WaitForNextTickAsync();
        }

        await ended;
        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task A_device_that_never_says_hello_is_closed()
    {
        using RawConnection device = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, "silent");
        await device.ReadToEndAsync();
        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task An_idle_device_is_warned_then_really_closed()
    {
        using RawConnection device = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, "idle");
        await device.SendAsync(ClientFrame.Text(DeviceTexts.Hello));
        await device.ReadFrameAsync(RawFrame.Text);
        RawFrame? warning = await device.ReadFrameAsync(RawFrame.Text);
        Assert.Contains("timeout_warning", warning?.PayloadText, StringComparison.Ordinal);

        // It never answers the close frame, as stock firmware does not.
        RawFrame? close = await device.ReadFrameAsync(RawFrame.Close);
        Assert.NotNull(close);
        await device.ReadToEndAsync();
        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task An_answer_to_the_warning_keeps_the_connection()
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
    public async Task A_frame_declared_and_never_sent_is_ended()
    {
        using RawConnection device = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, "declares");
        await device.SendAsync(ClientFrame.Header(RawFrame.Binary, 60_000));
        await device.ReadToEndAsync();
        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task A_device_that_never_reads_is_ended_and_harms_nobody()
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
        await fixture.AssertUnharmedAsync();
    }
}
