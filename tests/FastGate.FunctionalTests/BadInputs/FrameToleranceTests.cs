using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>Unusual but valid frames, ignored messages, and floods.</summary>
public sealed class FrameToleranceTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const string Pong = """{"type":"pong"}""";

    [Fact]
    public async Task Every_frame_may_have_its_own_mask()
    {
        using (RawConnection device = await OpenAsync())
        {
            foreach (byte[] mask in (byte[][])[[0, 0, 0, 0], [255, 255, 255, 255], [1, 2, 3, 4], [0x80, 0, 0x7f, 0]])
            {
                await device.SendAsync(ClientFrame.Build(RawFrame.Text, [.. "{\"type\":\"ping\"}"u8], mask: mask));
                Assert.Equal(Pong, (await device.ReadFrameAsync())?.PayloadText);
            }
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Frame_split_at_any_byte_is_served()
    {
        byte[] frame = ClientFrame.Text($$"""{"type":"ping","pad":"{{new string('x', 200)}}"}""");
        using (RawConnection device = await OpenAsync())
        {
            for (int cut = 1; cut < 16; cut++)
            {
                await device.SendAsync(frame.AsMemory(0, cut));
                await device.SendAsync(frame.AsMemory(cut));
                Assert.Equal(Pong, (await device.ReadFrameAsync())?.PayloadText);
            }

            foreach (byte one in frame)
            {
                await device.SendAsync((byte[])[one]);
            }

            Assert.Equal(Pong, (await device.ReadFrameAsync())?.PayloadText);
        }

        await fixture.AssertHealthyAsync();
    }

    [Theory]
    [InlineData("\0")]
    [InlineData("\0\0\0")]
    public async Task Hello_sent_with_the_end_of_a_c_string_is_answered(string end)
    {
        using (RawConnection device = await OpenAsync())
        {
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Hello + end));
            Assert.Contains("\"type\":\"hello\"", (await device.ReadFrameAsync())?.PayloadText, StringComparison.Ordinal);
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Frame_and_message_at_the_limit_are_served()
    {
        using (RawConnection device = await OpenAsync())
        {
            await device.SendAsync(ClientFrame.Build(RawFrame.Binary, new byte[65_536]));
            await device.SendAsync(ClientFrame.Build(RawFrame.Binary, new byte[65_536], fin: false));
            await device.SendAsync(ClientFrame.Build(RawFrame.Continuation, new byte[65_536], fin: false));
            await device.SendAsync(ClientFrame.Build(RawFrame.Continuation, new byte[65_536], fin: false));
            await device.SendAsync(ClientFrame.Build(RawFrame.Continuation, new byte[65_536]));
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
            Assert.Equal(Pong, (await device.ReadFrameAsync())?.PayloadText);
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Control_frames_between_fragments_are_answered_at_once()
    {
        using (RawConnection device = await OpenAsync())
        {
            await device.SendAsync(ClientFrame.Text("{\"type\":", fin: false));
            await device.SendAsync(ClientFrame.Build(RawFrame.Ping, [1, 2, 3]));
            RawFrame? pong = await device.ReadFrameAsync();
            Assert.Equal(RawFrame.Pong, pong?.Opcode);
            Assert.Equal([1, 2, 3], pong!.Payload);
            await device.SendAsync(ClientFrame.Build(RawFrame.Continuation, [.. "\"ping\"}"u8]));
            Assert.Equal(Pong, (await device.ReadFrameAsync())?.PayloadText);
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Utf8_character_may_be_split_across_fragments()
    {
        byte[] text = [.. "{\"type\":\"ping\",\"x\":\"小\"}"u8];
        using (RawConnection device = await OpenAsync())
        {
            for (int cut = 0; cut <= text.Length; cut++)
            {
                await device.SendAsync(ClientFrame.Build(RawFrame.Text, text[..cut], fin: false));
                await device.SendAsync(ClientFrame.Build(RawFrame.Continuation, text[cut..]));
                Assert.Equal(Pong, (await device.ReadFrameAsync())?.PayloadText);
            }
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Ping_flood_is_answered_when_the_client_reads()
    {
        const int count = 10_000;
        byte[] pings = [.. Enumerable.Repeat(ClientFrame.Build(RawFrame.Ping, [7]), count).SelectMany(static frame => frame)];
        using (RawConnection device = await OpenAsync())
        {
            Task sending = device.SendAsync((byte[])[.. pings, .. ClientFrame.Text(DeviceTexts.Ping)]);
            RawFrame? frame = await device.ReadFrameAsync();
            Assert.Equal(RawFrame.Pong, frame?.Opcode);

            // The server may merge pongs, so their number is not checked. The text message behind the flood is answered.
            while (frame?.Opcode == RawFrame.Pong)
            {
                frame = await device.ReadFrameAsync();
            }

            Assert.Equal(Pong, frame?.PayloadText);
            await sending;
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Ping_flood_memory_is_bounded_when_the_client_does_not_read()
    {
        const long allowance = 30 * 1024 * 1024;
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Devices:Timeouts:Write=00:00:02");
        await using DeviceClient other = await DeviceClient.ConnectAsync(gateway, "other");
        await other.PingAsync();
        byte[] pings = [.. Enumerable.Repeat(ClientFrame.Build(RawFrame.Ping, new byte[125]), 1_000).SelectMany(static frame => frame)];
        long before = PosixProcess.ResidentBytes(gateway.ProcessId);
        long most = before;
        using RawConnection device = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "flood", receiveBuffer: 4096);

        // Sends up to four times the allowance. The server stops reading earlier, and its write timeout ends the connection.
        for (long sent = 0; sent < 4 * allowance && await device.TrySendAsync(pings); sent += pings.Length)
        {
            most = Math.Max(most, PosixProcess.ResidentBytes(gateway.ProcessId));
        }

        most = Math.Max(most, PosixProcess.ResidentBytes(gateway.ProcessId));
        await other.PingAsync();
        Assert.True(most - before < allowance, $"grew by {most - before} bytes");
    }

    [Fact]
    public async Task Unsolicited_pongs_are_ignored()
    {
        byte[] pongs = [.. Enumerable.Repeat(ClientFrame.Build(RawFrame.Pong, [1]), 10_000).SelectMany(static frame => frame)];
        using (RawConnection device = await OpenAsync())
        {
            await device.SendAsync(pongs);
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
            Assert.Equal(Pong, (await device.ReadFrameAsync())?.PayloadText);
        }

        await fixture.AssertHealthyAsync();
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(3000)]
    [InlineData(4999)]
    public async Task Close_status_is_echoed_and_later_frames_are_ignored(int status)
    {
        using (RawConnection device = await OpenAsync())
        {
            await device.SendAsync((byte[])[.. ClientFrame.Close(status, "再见"), .. ClientFrame.Text(DeviceTexts.Ping), .. ClientFrame.Text("no json")]);
            RawFrame? close = await device.ReadFrameAsync();
            Assert.Equal(status, close?.CloseStatus);
            Assert.Empty(await device.ReadToEndAsync());
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Empty_close_is_answered()
    {
        using (RawConnection device = await OpenAsync())
        {
            await device.SendAsync(ClientFrame.Build(RawFrame.Close, []));
            Assert.Equal(RawFrame.Close, (await device.ReadFrameAsync())?.Opcode);
            Assert.Empty(await device.ReadToEndAsync());
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Close_flood_gets_one_answer()
    {
        byte[] closes = [.. Enumerable.Repeat(ClientFrame.Close(1000), 10_000).SelectMany(static frame => frame)];
        using (RawConnection device = await OpenAsync())
        {
            await device.TrySendAsync(closes);
            Assert.Equal(1000, (await device.ReadFrameAsync())?.CloseStatus);
            Assert.Empty(await device.ReadToEndAsync());
        }

        await fixture.AssertHealthyAsync();
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("{\"type\":7}")]
    [InlineData("{\"type\":\"unheard-of\"}")]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("{\"type\":\"listen\",\"state\":\"detect\"}")]
    [InlineData("{\"type\":\"listen\",\"state\":9}")]
    [InlineData("{\"type\":\"mcp\",\"payload\":null}")]
    public async Task Unknown_or_malformed_text_is_ignored(string text)
    {
        using (RawConnection device = await OpenAsync())
        {
            await device.SendAsync(ClientFrame.Text(text));
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
            Assert.Equal(Pong, (await device.ReadFrameAsync())?.PayloadText);
        }

        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Deeply_nested_json_is_ignored()
    {
        string deep = $$"""{"type":"mcp","payload":{{new string('[', 10_000)}}{{new string(']', 10_000)}}}""";
        using (RawConnection device = await OpenAsync())
        {
            await device.SendAsync(ClientFrame.Text(deep));
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
            Assert.Equal(Pong, (await device.ReadFrameAsync())?.PayloadText);
        }

        await fixture.AssertHealthyAsync();
    }

    private Task<RawConnection> OpenAsync() => RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, "odd");
}
