using System.Text;
using FastGate.HandOver;
using FastGate.Restart.TakeOver;
using FastGate.Tests.Transport;
using FastGate.Transport.Linux;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace FastGate.Tests.Restart.TakeOver;

/// <summary>Hand-overs that do not happen: the running server serves every device that the new process did not adopt.</summary>
public sealed class HandOverRefusalTests : IDisposable
{
    private static readonly HandOverLimits s_limits = new() { Answer = Eventually.Limit, WaitEvery = TimeSpan.FromMilliseconds(5) };

    /// <summary>For an answer that does not come. The answers before it must not take as long on a machine that pauses.</summary>
    private static readonly TimeSpan s_shortAnswer = TimeSpan.FromSeconds(3);

    private readonly FakeDevices _devices = new(30);
    private readonly FakeTakeOverSource _source;
    private readonly UnixSocketPair _pair = new();
    private readonly HandOverChannel _old;
    private readonly HandOverChannel _new;

    public HandOverRefusalTests()
    {
        _source = new FakeTakeOverSource(_devices);
        _old = new HandOverChannel(_pair.Sender);
        _new = new HandOverChannel(_pair.Receiver);
    }

    public void Dispose()
    {
        _devices.Dispose();
        _source.Dispose();
        _pair.Dispose();
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(0, 0)]
    public async Task New_process_of_another_format_is_refused_with_both(uint oldest, uint newest)
    {
        Task<HandOverReport?> sending = SendAsync();
        Hello(oldest, newest);

        HandOverRefusedException refused = Assert.Throws<HandOverRefusedException>(() => _new.Receive(Eventually.Limit));
        Assert.Equal($"the new process reads the state in formats {oldest} to {newest}; this server writes format 1", refused.Message);
        await AssertUnchangedAsync(sending);
    }

    [Fact]
    public async Task New_process_with_too_few_descriptors_is_refused()
    {
        Task<HandOverReport?> sending = SendAsync();
        HandOverRefusedException refused = await Assert.ThrowsAsync<HandOverRefusedException>(() => ReceiveAsync(new FakeTakeOverSink { Capacity = 29 }));

        Assert.Contains("29", refused.Message, StringComparison.Ordinal);
        await AssertUnchangedAsync(sending);
    }

    [Fact]
    public async Task Listener_with_another_address_ends_the_hand_over_before_a_turn_is_waited_for()
    {
        Task<HandOverReport?> sending = SendAsync();
        var sink = new FakeTakeOverSink { Refusal = "devices has another address" };

        HandOverRefusedException refused = await Assert.ThrowsAsync<HandOverRefusedException>(() => ReceiveAsync(sink));

        Assert.Equal("devices has another address", refused.Message);
        await AssertUnchangedAsync(sending);
    }

    [Fact]
    public async Task Refused_batch_gives_all_connections_back()
    {
        _source.Turns.SetResult();
        Task<HandOverReport?> sending = SendAsync();
        Hello();
        using HandOverBallot ballot = AcceptListeners();
        _new.Receive(HandOverFrameKind.Batch, 1, Eventually.Limit).CloseDescriptors();

        _new.SendText(HandOverFrameKind.Refuse, "the record cannot be read", Eventually.Limit);

        Assert.Null(await sending.Within());
        Assert.All(_devices.Owners(), static owners => Assert.Equal("o", owners));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(60)]
    public async Task Damaged_record_is_refused_and_its_connections_are_released(int damagedByte)
    {
        Task<HandOverReport> receiving = ReceiveAsync(new FakeTakeOverSink());
        _old.Receive(HandOverFrameKind.Hello, 0, Eventually.Limit);
        using var ballot = HandOverBallot.Create();
        using SafeFileHandle listeners = Record(new GatewayState());
        _old.Send(HandOverFrameKind.Listeners, 0, [], [ballot.Descriptor, Number(listeners)], Eventually.Limit);
        _old.Receive(HandOverFrameKind.Ready, 0, Eventually.Limit);
        using SafeFileHandle record = Record(new GatewayState { Connections = [_devices.States[0] with { Descriptor = 0 }] });
        RandomAccess.Write(record, [0xFF], damagedByte);

        _old.Send(HandOverFrameKind.Batch, 1, [], [Number(record), _devices.States[0].Descriptor], Eventually.Limit);

        await Assert.ThrowsAsync<InvalidDataException>(() => receiving);
        Assert.Throws<HandOverRefusedException>(() => _old.Receive(Eventually.Limit));
        FakeDevices.Close(_devices.States.Take(1));
        Assert.Equal(".", _devices.Owners()[0]);
    }

    [Theory]
    [InlineData(1, 20)]
    [InlineData(2, 0)]
    public async Task New_process_that_fails_when_it_serves_a_stage_leaves_the_others(int stage, int left)
    {
        _source.Turns.SetResult();
        Task<HandOverReport?> sending = SendAsync();
        var sink = new FakeTakeOverSink { FailsAtStage = stage };

        await Assert.ThrowsAsync<InvalidOperationException>(() => ReceiveAsync(sink));

        Assert.Null(await sending.Within());
        Assert.Equal(left, _source.Resumed!.Count);
        Assert.False(sink.Accepts);
        sink.Die();
        Assert.Equal(left, _devices.Owners().Count(static owners => owners == "o"));
        Assert.Equal(30 - left, _devices.Owners().Count(static owners => owners == "."));
    }

    [Fact]
    public async Task Turns_in_progress_are_waited_for_and_the_new_process_knows_it()
    {
        Task<HandOverReport?> sending = SendAsync();
        Hello();
        AcceptListeners();

        _new.Receive(HandOverFrameKind.Wait, 0, Eventually.Limit);
        _new.Receive(HandOverFrameKind.Wait, 0, Eventually.Limit);
        _source.Turns.SetResult();
        HandOverFrame frame = _new.Receive(Eventually.Limit);
        while (frame.Kind == HandOverFrameKind.Wait)
        {
            frame = _new.Receive(Eventually.Limit);
        }

        Assert.Equal(HandOverFrameKind.Batch, frame.Kind);
        frame.CloseDescriptors();
        _pair.ShutdownReceiver();
        Assert.Null(await sending.Within());
    }

    [Fact]
    public async Task New_process_that_ends_while_turns_are_waited_for_ends_the_wait()
    {
        Task<HandOverReport?> sending = SendAsync();
        Hello();
        AcceptListeners();
        _pair.ShutdownReceiver();

        await AssertUnchangedAsync(sending);
    }

    [Fact]
    public async Task New_process_that_stops_answering_loses_what_it_has_not_adopted()
    {
        _source.Turns.SetResult();
        Task<HandOverReport?> sending = SendAsync(s_limits with { Answer = s_shortAnswer });
        Hello();
        using HandOverBallot ballot = AcceptListeners();
        HandOverFrame batch = _new.Receive(HandOverFrameKind.Batch, 1, Eventually.Limit);

        // No answer.
        Assert.Null(await sending.Within());
        Assert.All(_devices.Owners(), static owners => Assert.Equal("o", owners));

        // It runs again, and holds copies of the sockets.
        Assert.False(ballot.TryAdopt(0, 1));
        batch.CloseDescriptors();
        Assert.Throws<HandOverRefusedException>(() => _new.Receive(Eventually.Limit));
        Assert.All(_devices.Owners(), static owners => Assert.Equal("", owners));
    }

    [Fact]
    public async Task New_process_that_owns_all_and_does_not_confirm_is_left_alone()
    {
        _source.Turns.SetResult();
        Task<HandOverReport?> sending = SendAsync(s_limits with { Answer = s_shortAnswer });
        Hello();
        using HandOverBallot ballot = AcceptListeners();
        List<int> owned = [];
        for (int stage = 1; stage <= HandOverLimits.Stages; stage++)
        {
            HandOverFrame batch = _new.Receive(HandOverFrameKind.Batch, stage, Eventually.Limit);
            owned.AddRange(batch.Descriptors);
            _new.Send(HandOverFrameKind.Received, stage, [], [], Eventually.Limit);
            _new.Receive(HandOverFrameKind.Offer, stage, Eventually.Limit);
            Assert.True(ballot.TryAdopt(stage - 1, stage));
            if (stage < HandOverLimits.Stages)
            {
                _new.Send(HandOverFrameKind.Adopted, stage, [], [], Eventually.Limit);
                _new.Send(HandOverFrameKind.Serving, stage, [], [], Eventually.Limit);
            }
        }

        Assert.NotNull(await sending.Within());
        Assert.Equal(0, _source.Resumes);
        Assert.All(_devices.Owners(), static owners => Assert.Equal("", owners));
        owned.ForEach(static descriptor => LinuxSocket.Close(descriptor));
        Assert.All(_devices.Owners(), static owners => Assert.Equal(".", owners));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("FGHO\u0001\u0009\0\0\0\0\0\0\0\0\0\0")]
    [InlineData("FGHO\u0001\u0001\0\0\0\0\0\0\0\0\0\u007f")]
    [InlineData("FGHO\u0001\u0001\0\0\0\0\0\0\u0004\0\0\0abcd")]
    [InlineData("FGHO\u0009\u0001\0\0\0\0\0\0\0\0\0\0")]
    [InlineData("FGHO\u0001\u0001\u0002\0\0\0\0\0\0\0\0\0")]
    public async Task Peer_that_does_not_speak_the_protocol_changes_nothing(string bytes)
    {
        Task<HandOverReport?> sending = SendAsync();
        _pair.Receiver.Send(Encoding.ASCII.GetBytes(bytes), [], Eventually.Limit);

        await AssertUnchangedAsync(sending);
    }

    [Theory]
    [InlineData(HandOverFrameKind.Batch, 1)]
    [InlineData(HandOverFrameKind.Offer, 1)]
    [InlineData(HandOverFrameKind.Listeners, 0)]
    [InlineData(HandOverFrameKind.Serving, 1)]
    public async Task Frame_that_is_not_due_ends_the_new_process(object kind, int sequence)
    {
        Task<HandOverReport> receiving = ReceiveAsync(new FakeTakeOverSink());
        _old.Receive(HandOverFrameKind.Hello, 0, Eventually.Limit);

        _old.Send((HandOverFrameKind)kind, sequence, new byte[8], [], Eventually.Limit);

        await Assert.ThrowsAsync<IOException>(() => receiving);
    }

    private async Task AssertUnchangedAsync(Task<HandOverReport?> sending)
    {
        Assert.Null(await sending.Within());
        Assert.Equal(0, _source.Resumes);
        Assert.All(_devices.Owners(), static owners => Assert.Equal("", owners));
    }

    private static SafeFileHandle Record(GatewayState state)
    {
        SafeFileHandle file = MemoryFile.Create("record\0"u8);
        using var bytes = new MemoryStream();
        StateWriter.Write(bytes, state);
        RandomAccess.Write(file, bytes.ToArray(), 0);
        return file;
    }

    private static int Number(SafeFileHandle file) => (int)file.DangerousGetHandle();

    private void Hello(uint oldest = 1, uint newest = 1) =>
        _new.Send(HandOverFrameKind.Hello, 0, new HandOverHello(oldest, newest, 100).Write(), [], Eventually.Limit);

    private HandOverBallot AcceptListeners()
    {
        HandOverFrame frame = _new.Receive(HandOverFrameKind.Listeners, 0, Eventually.Limit);
        foreach (int descriptor in frame.Descriptors.Skip(1))
        {
            LinuxSocket.Close(descriptor);
        }

        _new.Send(HandOverFrameKind.Ready, 0, [], [], Eventually.Limit);
        return HandOverBallot.Open(frame.Descriptors[0]);
    }

    private Task<HandOverReport?> SendAsync(HandOverLimits? limits = null) =>
        Task.Run(() => new HandOverSender(_old, _source, limits ?? s_limits, NullLogger.Instance).RunAsync());

    private Task<HandOverReport> ReceiveAsync(ITakeOverSink sink) =>
        Task.Run(() => new HandOverReceiver(_new, sink, s_limits, NullLogger.Instance).RunAsync());
}
