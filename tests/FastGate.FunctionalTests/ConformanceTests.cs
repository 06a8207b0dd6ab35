using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>Cases from conformance suites against an echo server: sizes at the limit, and violations behind valid messages.</summary>
public sealed class ConformanceTests
{
    private const int Largest = 16 * 1024 * 1024;
    private const int MostFragments = 65_536;

    [Fact]
    public async Task Message_at_the_limit_is_echoed_in_one_frame_and_a_larger_one_is_rejected()
    {
        await using GatewayProcess gateway = await StartAsync();
        using RawConnection device = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "large");
        byte[] message = new byte[Largest];
        new Random(1).NextBytes(message);

        Task sending = device.SendAsync(ClientFrame.Build(RawFrame.Binary, message));
        RawFrame? echo = await device.ReadFrameAsync();
        await sending;
        Assert.True(echo is { Fin: true, Opcode: RawFrame.Binary } && echo.Payload.AsSpan().SequenceEqual(message), "the echo differs");

        await device.SendAsync(ClientFrame.Header(RawFrame.Binary, Largest + 1));
        Assert.Equal(1009, (await device.ReadFrameAsync())?.CloseStatus);
    }

    [Fact]
    public async Task Fragments_at_the_limit_form_one_message_and_one_more_is_rejected()
    {
        await using GatewayProcess gateway = await StartAsync();
        using RawConnection device = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "fragments");

        Task sending = device.SendAsync(Fragments(MostFragments));
        RawFrame? echo = await device.ReadFrameAsync();
        await sending;
        Assert.Equal((RawFrame.Text, MostFragments), (echo?.Opcode, echo?.Payload.Length));

        sending = device.TrySendAsync(Fragments(MostFragments + 1));
        Assert.Equal(1008, (await device.ReadFrameAsync())?.CloseStatus);
        await sending;
    }

    [Fact]
    public async Task Message_sent_byte_by_byte_is_echoed()
    {
        await using GatewayProcess gateway = await StartAsync();
        using RawConnection device = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "bytes");
        string text = string.Concat(Enumerable.Repeat("字节 byte ", 50));

        foreach (byte value in ClientFrame.Text(text))
        {
            await device.SendAsync(new[] { value });
        }

        Assert.Equal(text, (await device.ReadFrameAsync())?.PayloadText);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_000_000)]
    public async Task Valid_message_is_echoed_before_the_close_for_a_following_violation(int length)
    {
        await using GatewayProcess gateway = await StartAsync();
        using RawConnection device = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "burst");
        byte[] good = new byte[length];
        byte[] burst = [.. ClientFrame.Build(RawFrame.Binary, good), .. ClientFrame.Build(RawFrame.Text, [1], rsv: 4), .. new byte[4096]];

        Task sending = device.TrySendAsync(burst);

        Assert.Equal(good, (await device.ReadFrameAsync())!.Payload);
        Assert.Equal(1002, (await device.ReadFrameAsync())?.CloseStatus);
        Assert.Null(await device.ReadFrameAsync());
        await sending;
    }

    [Fact]
    public async Task Invalid_text_is_rejected_before_its_frame_ends()
    {
        await using GatewayProcess gateway = await StartAsync();
        using RawConnection whole = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "whole");
        using RawConnection cut = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "cut");

        // F4 may start a code point, F4 90 may not. The rest of both messages is never sent.
        byte[] frame = ClientFrame.Build(RawFrame.Text, [.. "ok"u8, 0xf4, 0x90, .. new byte[1000]]);
        await whole.SendAsync(frame.AsMemory(0, frame.Length - 1000));
        await cut.SendAsync(ClientFrame.Build(RawFrame.Text, [0xf4], fin: false));
        await cut.SendAsync(ClientFrame.Build(RawFrame.Continuation, [0x90], fin: false));

        Assert.Equal(1007, (await whole.ReadFrameAsync())?.CloseStatus);
        Assert.Equal(1007, (await cut.ReadFrameAsync())?.CloseStatus);
    }

    private static Task<GatewayProcess> StartAsync() => GatewayProcess.StartAsync(
        "--FastGate:Devices:Echo=true",
        $"--FastGate:Devices:Limits:Message={Largest}",
        $"--FastGate:Devices:Limits:Fragments={MostFragments}");

    private static byte[] Fragments(int count)
    {
        using MemoryStream all = new();
        for (int i = 0; i < count; i++)
        {
            all.Write(ClientFrame.Build(i == 0 ? RawFrame.Text : RawFrame.Continuation, "x"u8.ToArray(), fin: i == count - 1));
        }

        return all.ToArray();
    }
}
