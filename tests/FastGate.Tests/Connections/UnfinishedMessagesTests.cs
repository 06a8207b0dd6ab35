using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Testing;
using FastGate.Tests.Transport;

namespace FastGate.Tests.Connections;

public sealed class UnfinishedMessagesTests
{
    private const int Budget = 400_000;

    private static readonly DeviceOptions s_options = new() { Limits = new DeviceLimits { UnfinishedMessages = Budget } };

    [Fact]
    public async Task Beyond_the_budget_the_largest_message_is_ended_and_the_others_are_answered()
    {
        using var harness = new ConnectionHarness(s_options);
        ScriptedDevice small = await ConnectAsync(harness, 1);
        await small.SendFrameAsync(Opcode.Text, """{"type":"pi"""u8.ToArray(), fin: false);
        ScriptedDevice large = await ConnectAsync(harness, 2);
        await SendUnfinishedAsync(large, 200_000);
        ScriptedDevice last = await ConnectAsync(harness, 3);
        await SendUnfinishedAsync(last, 100_000);
        await SendUnfinishedAsync(await ConnectAsync(harness, 4), 50_000);
        Assert.Equal(CloseStatus.TryAgainLater, await large.ReceiveCloseAsync());
        await Eventually.TrueAsync(() => harness.Services.Unfinished.Bytes <= Budget, "the count is reached");
        await Eventually.TrueAsync(() => harness.Metrics.EndedBy(ConnectionEndReason.MemoryPressure) == 1, "the end is counted");

        await small.SendFrameAsync(Opcode.Continuation, "ng\"}"u8.ToArray());
        Assert.Equal("""{"type":"pong"}""", await small.ReceiveTextAsync());
    }

    /// <summary>The sum never exceeds the budget by more than a quarter and one message, whatever the thread pool does.</summary>
    [Fact]
    public void A_connection_that_grows_far_beyond_the_budget_must_end_itself()
    {
        var unfinished = new UnfinishedMessages(1_000, static () => []);
        int first = 0;
        int second = 0;
        Assert.True(unfinished.TryChange(ref first, 1_000));
        Assert.True(unfinished.TryChange(ref second, 250));
        Assert.False(unfinished.TryChange(ref second, 251));
        Assert.True(unfinished.TryChange(ref first, 0));
        Assert.True(unfinished.TryChange(ref second, 0));
        Assert.Equal(0, unfinished.Bytes);
    }

    [Fact]
    public async Task Memory_is_counted_only_while_a_message_is_incomplete()
    {
        using var harness = new ConnectionHarness(s_options);
        ScriptedDevice device = await ConnectAsync(harness, 1);
        await device.SendTextAsync("""{"type":"ping"}""");
        await device.ReceiveTextAsync();
        Assert.Equal(0, harness.Services.Unfinished.Bytes);

        await SendUnfinishedAsync(device, 50_000);
        await Eventually.TrueAsync(() => harness.Services.Unfinished.Bytes >= 50_000, "the count is reached");
        await device.SendFrameAsync(Opcode.Continuation, []);
        await Eventually.TrueAsync(() => harness.Services.Unfinished.Bytes == 0, "the count is reached");

        await SendUnfinishedAsync(device, 50_000);
        await Eventually.TrueAsync(() => harness.Services.Unfinished.Bytes >= 50_000, "the count is reached");
        device.Connection.PeerOutput.Complete();
        await Eventually.TrueAsync(() => harness.Services.Unfinished.Bytes == 0, "the count is reached");
    }

    [Fact]
    public void Automatic_budget_is_a_share_of_the_memory_that_the_heap_may_use() =>
        Assert.InRange(new UnfinishedMessages(0, static () => []).Budget, 1, 1L << 30);

    private static Task<ScriptedDevice> ConnectAsync(ConnectionHarness harness, int number) => harness.UpgradedAsync($"Device-Id: 00:00:00:00:00:0{number}\r\n");

    private static async Task SendUnfinishedAsync(ScriptedDevice device, int bytes)
    {
        byte[] piece = new byte[50_000];
        for (int sent = 0; sent < bytes; sent += piece.Length)
        {
            await device.SendFrameAsync(sent == 0 ? Opcode.Binary : Opcode.Continuation, piece, fin: false);
        }
    }
}
