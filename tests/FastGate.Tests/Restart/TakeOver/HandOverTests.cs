using FastGate.HandOver;
using FastGate.Restart.TakeOver;
using FastGate.Tests.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Restart.TakeOver;

/// <summary>Both sides of a hand-over to another process, in one process, with devices that see who serves them.</summary>
public sealed class HandOverTests
{
    /// <summary>Frames until the first stage is adopted: hello, listeners, ready, batch, received, offer, adopted.</summary>
    private const int FramesToCanary = 7;

    /// <summary>With 300 connections, three batches in two stages.</summary>
    private const int Frames = 15;
    private const int Many = 300;

    private static readonly HandOverLimits s_limits = new() { Answer = Eventually.Limit, WaitEvery = Eventually.Limit };

    public static TheoryData<int> EveryFrame => [.. Enumerable.Range(0, Frames)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(HandOverLimits.Canary)]
    [InlineData(HandOverLimits.Canary + 1)]
    [InlineData(HandOverLimits.Canary + HandOverLimits.Batch)]
    [InlineData(HandOverLimits.Canary + HandOverLimits.Batch + 1)]
    [InlineData(900)]
    public async Task Every_connection_passes_with_its_state(int count)
    {
        using var devices = new FakeDevices(count);
        using var source = new FakeTakeOverSource(devices);
        source.Turns.SetResult();
        var sink = new FakeTakeOverSink();
        using var pair = new UnixSocketPair();

        Task<HandOverReport?> sending = SendAsync(new HandOverChannel(pair.Sender), source);
        HandOverReport received = await ReceiveAsync(new HandOverChannel(pair.Receiver), sink).Within();
        HandOverReport? sent = await sending.Within();

        Assert.NotNull(sent);
        Assert.Equal((count, 2), (sent.Connections, sent.CutTurns));
        Assert.Equal((count, 2), (received.Connections, received.CutTurns));
        Assert.Equal(["devices", "http"], sink.Listeners!.Select(static listener => listener.Name));
        Assert.Equal([1, 2], sink.Listeners!.Select(static listener => listener.Descriptors.Count));
        Assert.Equal(Math.Min(count, HandOverLimits.Canary), sink.Stages[0].Connections.Count);
        Assert.Equal([1, 0], sink.Stages.Select(static stage => stage.Languages.Count));
        Assert.Equal(7, sink.Stages[0].QuietAtUnixMs);
        Assert.Equal(devices.States.Select(Describe), sink.Adopted.Select(Describe));
        Assert.True(sink.Accepts);
        Assert.Equal(0, source.Resumes);
        Assert.All(devices.Owners(), static owners => Assert.Equal("n", owners));

        // The running server holds no copy: the end of the new process is the end of the connection.
        sink.Die();
        Assert.All(devices.Owners(), static owners => Assert.Equal(".", owners));
    }

    /// <summary>Neither process dies, and each believes that the other has: the ballot decides for both.</summary>
    [Theory]
    [MemberData(nameof(EveryFrame))]
    public async Task Connection_that_breaks_at_any_frame_leaves_each_device_with_one_owner(int frames)
    {
        using var devices = new FakeDevices(Many);
        using var source = new FakeTakeOverSource(devices);
        source.Turns.SetResult();
        var sink = new FakeTakeOverSink();
        using var relay = new FrameRelay(frames, static relay =>
        {
            relay.CloseOld();
            relay.CloseNew();
        });

        Task<HandOverReport?> sending = SendAsync(relay.Old, source);
        Task receiving = ReceiveAsync(relay.New, sink);
        await Task.WhenAny(receiving).Within();
        await sending.Within();
        await relay.EndAsync();

        // A running server that has lost all stages closes its copies, also of connections that were never sent.
        int moved = sink.Served;
        Assert.Equal(Served(devices, moved, source.Resumed switch { null => "", [] => ".", _ => "o" }), devices.Owners());
        if (receiving.IsFaulted)
        {
            // The devices of the first stage end with the new process, and no other one.
            sink.Die();
            Assert.Equal(Served(devices, moved, "").Select(static owner => owner == "n" ? "." : ""), devices.Owners());
        }
    }

    /// <summary>The new process dies: the running server serves what the new one had not adopted, at once.</summary>
    [Theory]
    [MemberData(nameof(EveryFrame))]
    public async Task New_process_that_dies_at_any_frame_takes_only_what_it_had_adopted(int frames)
    {
        using var devices = new FakeDevices(Many);
        using var source = new FakeTakeOverSource(devices);
        source.Turns.SetResult();
        var sink = new FakeTakeOverSink();
        using var relay = new FrameRelay(frames, static relay => relay.CloseOld());

        Task receiving = ReceiveAsync(relay.New, sink);
        int adopted = frames < FramesToCanary - 1 ? 0 : frames < Frames - 2 ? HandOverLimits.Canary : Many;
        Assert.Null(await SendAsync(relay.Old, source).Within());
        await Eventually.TrueAsync(() => sink.Served == adopted, "adopted");
        Assert.Equal(frames < 3 ? 0 : 1, source.Resumes);
        Assert.Equal(Served(devices, adopted, frames < 3 ? "" : "o"), devices.Owners());

        // It was only stopped: what it finds in its socket later must not make it an owner.
        relay.CloseNew();
        await Task.WhenAny(receiving).Within();
        Assert.Equal(frames < Frames - 2, receiving.IsFaulted);
        Assert.Equal(adopted, sink.Served);
        Assert.All(devices.Owners(), static owners => Assert.Equal("", owners));
        await relay.EndAsync();
    }

    /// <summary>The running server dies: the new process keeps what it has received whole.</summary>
    [Theory]
    [MemberData(nameof(EveryFrame))]
    public async Task Running_server_that_dies_at_any_frame_leaves_what_was_received(int frames)
    {
        using var devices = new FakeDevices(Many);
        using var source = new FakeTakeOverSource(devices);
        source.Turns.SetResult();
        var sink = new FakeTakeOverSink();
        using var relay = new FrameRelay(frames, static relay => relay.CloseNew());

        Task<HandOverReport?> sending = SendAsync(relay.Old, source);
        Task<HandOverReport> receiving = ReceiveAsync(relay.New, sink);
        await Task.WhenAny(receiving).Within();
        int kept = frames switch
        {
            < 4 => 0,
            < 9 => HandOverLimits.Canary,
            < 11 => HandOverLimits.Canary + HandOverLimits.Batch,
            _ => Many,
        };
        Assert.Equal(frames >= 2, receiving.IsCompletedSuccessfully);
        Assert.Equal(frames >= 2, sink.Accepts);
        Assert.Equal(Served(devices, kept, ""), devices.Owners());

        // It was only stopped: it must not serve what the new process has adopted.
        relay.CloseOld();
        await sending.Within();
        Assert.All(devices.Owners().Take(kept), static owners => Assert.Equal("", owners));
        Assert.Equal(0, source.Resumed?.Count ?? 0);
        await relay.EndAsync();
    }

    /// <summary>The names that each device has read: the new owner's for the first <paramref name="moved"/>.</summary>
    private static string[] Served(FakeDevices devices, int moved, string others) =>
        [.. Enumerable.Range(0, devices.States.Count).Select(index => index < moved ? "n" : others)];

    private static string Describe(ConnectionState state) => $"{state.DeviceId} {Convert.ToHexString(state.UnsentOutput.Span)}";

    private static Task<HandOverReport?> SendAsync(HandOverChannel channel, ITakeOverSource source) =>
        Task.Run(() => new HandOverSender(channel, source, s_limits, NullLogger.Instance).RunAsync());

    private static Task<HandOverReport> ReceiveAsync(HandOverChannel channel, ITakeOverSink sink) =>
        Task.Run(() => new HandOverReceiver(channel, sink, s_limits, NullLogger.Instance).RunAsync());
}
