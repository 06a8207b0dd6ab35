using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>Configured limits replace the defaults.</summary>
public sealed class ConfiguredLimitTests(LowLimitGateway fixture) : IClassFixture<LowLimitGateway>
{
    private const string RegistrationFailed = "设备注册失败";

    [Theory]
    [InlineData(64, 101)]
    [InlineData(65, 414)]
    public async Task Request_line_limit_is_enforced(int bytes, int status)
    {
        string line = $"GET /{new string('a', bytes - "GET / HTTP/1.1".Length)} HTTP/1.1";
        await AssertStatusAsync(UpgradeRequest.WithLine(line), status);
    }

    [Theory]
    [InlineData(4, 101)]
    [InlineData(5, 431)]
    public async Task Header_count_limit_is_enforced(int added, int status) =>
        await AssertStatusAsync(UpgradeRequest.With([.. Enumerable.Range(0, added).Select(static i => $"X-{i}: v")]), status);

    [Theory]
    [InlineData(100, 101)]
    [InlineData(600, 431)]
    public async Task Header_size_limit_is_enforced(int value, int status) =>
        await AssertStatusAsync(UpgradeRequest.With("X-Long: " + new string('v', value)), status);

    [Fact]
    public async Task Frame_limit_is_enforced()
    {
        using (RawConnection device = await OpenAsync("frame"))
        {
            await device.SendAsync(ClientFrame.Build(RawFrame.Binary, new byte[200]));
            await device.SendAsync(ClientFrame.Header(RawFrame.Binary, 201));
            Assert.Equal(1009, (await device.ReadFrameAsync())?.CloseStatus);
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Message_limit_is_enforced()
    {
        using (RawConnection device = await OpenAsync("message"))
        {
            await device.SendAsync(ClientFrame.Build(RawFrame.Binary, new byte[200], fin: false));
            await device.SendAsync(ClientFrame.Build(RawFrame.Continuation, new byte[100]));
            await device.SendAsync(ClientFrame.Build(RawFrame.Binary, new byte[200], fin: false));
            await device.SendAsync(ClientFrame.Header(RawFrame.Continuation, 101));
            Assert.Equal(1009, (await device.ReadFrameAsync())?.CloseStatus);
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Fragment_limit_is_enforced()
    {
        using (RawConnection device = await OpenAsync("fragments"))
        {
            await device.SendAsync(ClientFrame.Build(RawFrame.Binary, [], fin: false));
            await device.SendAsync(ClientFrame.Build(RawFrame.Continuation, [], fin: false));
            await device.SendAsync(ClientFrame.Build(RawFrame.Continuation, []));
            await device.SendAsync(ClientFrame.Build(RawFrame.Binary, [], fin: false));
            await device.SendAsync(ClientFrame.Build(RawFrame.Continuation, [], fin: false));
            await device.SendAsync(ClientFrame.Build(RawFrame.Continuation, [], fin: false));
            await device.SendAsync(ClientFrame.Build(RawFrame.Continuation, []));
            Assert.Equal(1008, (await device.ReadFrameAsync())?.CloseStatus);
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Outgoing_text_is_split_at_the_frame_limit()
    {
        using (RawConnection device = await OpenAsync("outgoing"))
        {
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Hello[..100], fin: false));
            await device.SendAsync(ClientFrame.Build(RawFrame.Continuation, System.Text.Encoding.UTF8.GetBytes(DeviceTexts.Hello[100..])));
            string text = "";
            RawFrame? frame;
            do
            {
                frame = await device.ReadFrameAsync();
                Assert.InRange(frame!.Payload.Length, 1, 50);
                Assert.Equal(text.Length == 0 ? RawFrame.Text : RawFrame.Continuation, frame.Opcode);
                text += frame.PayloadText;
            }
            while (!frame.Fin);

            Assert.Contains("session_id", text, StringComparison.Ordinal);
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Connection_limit_is_enforced()
    {
        using (RawConnection one = await OpenAsync("one"))
        using (RawConnection two = await OpenAsync("two"))
        using (RawConnection three = await OpenAsync("three"))
        {
            using RawConnection four = await OpenAsync("four");
            Assert.Equal(RegistrationFailed, (await four.ReadFrameAsync())?.PayloadText);
            Assert.Equal(RawFrame.Close, (await four.ReadFrameAsync())?.Opcode);
            await four.ReadToEndAsync();
            Assert.Equal(3, (await fixture.Admin.DevicesAsync()).Count);
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Duplicate_device_is_rejected()
    {
        using (RawConnection first = await OpenAsync("same"))
        {
            using RawConnection second = await OpenAsync("same");
            Assert.Equal(RegistrationFailed, (await second.ReadFrameAsync())?.PayloadText);
            Assert.Equal(RawFrame.Close, (await second.ReadFrameAsync())?.Opcode);
            await second.ReadToEndAsync();
            await first.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
            Assert.Equal("""{"type":"pong"}""", (await first.ReadFrameAsync())?.PayloadText);
        }

        await fixture.AssertHealthyAsync();
    }

    /// <summary>Opens a connection with a handshake within the limits.</summary>
    private async Task<RawConnection> OpenAsync(string deviceId)
    {
        RawConnection connection = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        await connection.SendAsync(UpgradeRequest.Replacing("Device-Id", "Device-Id: " + deviceId));
        Assert.Equal(101, (await connection.ReadReplyAsync()).Status);
        return connection;
    }

    private async Task AssertStatusAsync(byte[] request, int status)
    {
        using (RawConnection client = await RawConnection.OpenAsync(fixture.Gateway.DevicePort))
        {
            await client.TrySendAsync(request);
            Assert.Equal(status, (await client.ReadReplyAsync()).Status);
        }

        await fixture.AssertHealthyAsync();
    }
}
