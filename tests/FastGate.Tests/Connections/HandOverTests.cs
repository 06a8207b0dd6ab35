using System.Text;
using FastGate.Diagnostics;
using FastGate.HandOver;
using FastGate.Protocol.Framing;
using FastGate.Testing;

namespace FastGate.Tests.Connections;

/// <summary>A connection passes from one server to the next: the device notices nothing.</summary>
public sealed class HandOverTests : IDisposable
{
    private const string Ping = """{"type":"ping"}""";
    private const string Pong = """{"type":"pong"}""";

    private readonly ConnectionHarness _old = new();
    private readonly ConnectionHarness _new = new();

    public void Dispose()
    {
        _old.Dispose();
        _new.Dispose();
    }

    [Fact]
    public async Task Device_keeps_its_session_and_its_messages_are_answered()
    {
        ScriptedDevice device = await _old.UpgradedAsync();
        await device.SendTextAsync("""{"type":"hello","version":1}""");
        string hello = await device.ReceiveTextAsync();

        device = await PassAsync(device);

        await device.SendTextAsync(Ping);
        Assert.Equal(Pong, await device.ReceiveTextAsync());
        await device.SendTextAsync("""{"type":"hello","version":1}""");
        Assert.Equal(hello, await device.ReceiveTextAsync());
        Assert.Equal(0, _old.Metrics.Open);
        Assert.Equal(0, _old.Registry.Count);
        Assert.Equal(1, _new.Metrics.Open);
        Assert.Equal(1, _new.Metrics.Adopted.Value);
        Assert.Equal("aa:bb:cc:dd:ee:ff", _new.Connections().Single().DeviceId);
        Assert.All(ConnectionEndReasons.All, reason => Assert.Equal(0, _old.Metrics.EndedBy(reason)));
    }

    [Fact]
    public async Task Idle_connections_leave_first_and_the_others_are_served_meanwhile()
    {
        ScriptedDevice silent = await _old.UpgradedAsync("Device-Id: aa:bb:cc:dd:ee:01\r\n");
        ScriptedDevice talking = await _old.UpgradedAsync("Device-Id: aa:bb:cc:dd:ee:02\r\n");
        _old.Clock.Turn(TimeSpan.FromSeconds(4));
        await talking.SendTextAsync(Ping);
        Assert.Equal(Pong, await talking.ReceiveTextAsync());
        _old.Services.HandOver.BeginQuiet();

        ConnectionState idle = Assert.Single(await _old.Services.HandOver.DetachIdleAsync(HandOverBench.Limit));

        Assert.Equal("aa:bb:cc:dd:ee:01", idle.DeviceId);
        await talking.SendTextAsync(Ping);
        Assert.Equal(Pong, await talking.ReceiveTextAsync());
        ConnectionState rest = Assert.Single(await _old.Services.HandOver.DetachAllAsync(HandOverBench.Limit));
        Assert.Equal("aa:bb:cc:dd:ee:02", rest.DeviceId);
        silent = _new.Adopt(silent, idle);
        await silent.SendTextAsync(Ping);
        Assert.Equal(Pong, await silent.ReceiveTextAsync());
    }

    /// <summary>A transport that needs two descriptors for each leaving connection would lose those that get none.</summary>
    [Fact]
    public async Task Connections_leave_only_while_the_transport_has_room()
    {
        for (int i = 1; i <= 3; i++)
        {
            await _old.UpgradedAsync($"Device-Id: aa:bb:cc:dd:ee:0{i}\r\n");
        }

        int room = 0;
        int asked = 0;
        _old.Services.HandOver.DetachingRoom = () =>
        {
            Interlocked.Increment(ref asked);
            return Volatile.Read(ref room);
        };
        _old.Services.HandOver.BeginQuiet();
        Task<IReadOnlyList<ConnectionState>> detached = _old.Services.HandOver.DetachAllAsync(HandOverBench.Limit);
        await Transport.Eventually.TrueAsync(() => Volatile.Read(ref asked) > 3, "the hand-over waits for room");
        Assert.Equal(3, _old.Metrics.Open);

        Volatile.Write(ref room, 1);
        Assert.Equal(3, (await detached).Count);
        Assert.Equal(0, _old.Metrics.Open);
    }

    [Fact]
    public async Task Messages_of_both_sides_keep_their_order_at_every_byte_offset()
    {
        byte[] sent = [.. Frames((Opcode.Text, """{"type":"ping"}""", true), (Opcode.Text, """{"type":"he""", false), (Opcode.Ping, "between", true),
            (Opcode.Continuation, """llo","version":1}""", true), (Opcode.Ping, "after", true), (Opcode.Text, """{"type":"ping"}""", true))];

        for (int offset = 0; offset <= sent.Length; offset++)
        {
            using var first = new ConnectionHarness();
            using var second = new ConnectionHarness();
            ScriptedDevice device = await first.UpgradedAsync();
            await device.SendAsync(sent.AsMemory(0, offset));

            device = second.Adopt(device, Assert.Single(await DetachAsync(first)));
            await device.SendAsync(sent.AsMemory(offset));

            Assert.Equal(Pong, await device.ReceiveTextAsync());
            Assert.Equal("between", Encoding.UTF8.GetString((await device.ReceiveFrameAsync()).Payload));
            Assert.Contains("hello", await device.ReceiveTextAsync(), StringComparison.Ordinal);
            Assert.Equal("after", Encoding.UTF8.GetString((await device.ReceiveFrameAsync()).Payload));
            Assert.Equal(Pong, await device.ReceiveTextAsync());
            Assert.Equal(0, second.Services.Unfinished.Bytes);
        }
    }

    [Fact]
    public async Task Handshake_continues_at_every_byte_offset()
    {
        byte[] request = Encoding.Latin1.GetBytes(ScriptedDevice.Request());
        for (int offset = 0; offset <= request.Length; offset += 7)
        {
            using var first = new ConnectionHarness();
            using var second = new ConnectionHarness();
            ScriptedDevice device = first.Connect();
            await device.SendAsync(request.AsMemory(0, offset));

            device = second.Adopt(device, Assert.Single(await DetachAsync(first)));
            await device.SendAsync(request.AsMemory(offset));

            Assert.StartsWith("HTTP/1.1 101", await device.ReceiveHeadAsync(), StringComparison.Ordinal);
            await device.SendTextAsync(Ping);
            Assert.Equal(Pong, await device.ReceiveTextAsync());
            Assert.Equal(1, second.Registry.Count);
        }
    }

    [Fact]
    public async Task Close_handshake_continues_at_every_byte_offset()
    {
        byte[] close = [.. Frames((Opcode.Close, "\u0003\u00e8", true))];
        for (int offset = 0; offset < close.Length; offset++)
        {
            using var first = new ConnectionHarness();
            using var second = new ConnectionHarness();
            ScriptedDevice device = await first.UpgradedAsync();
            first.Connections().Single().RequestClose(ConnectionEndReason.Kicked);
            Assert.Equal(CloseStatus.PolicyViolation, await device.ReceiveCloseAsync());
            await device.SendAsync(close.AsMemory(0, offset));

            device = second.Adopt(device, Assert.Single(await DetachAsync(first)));
            await device.SendAsync(close.AsMemory(offset));

            await second.EndAsync();
            Assert.True(await device.ReceiveEndAsync());
            Assert.Equal(1, second.Metrics.EndedBy(ConnectionEndReason.Kicked));
        }
    }

    [Fact]
    public async Task Turn_that_begins_during_the_quiet_is_answered_by_the_next_server()
    {
        ScriptedDevice device = await _old.UpgradedAsync();
        await device.SendTextAsync(Ping);
        Assert.Equal(Pong, await device.ReceiveTextAsync());
        _old.Services.HandOver.BeginQuiet();
        await device.SendTextAsync(Ping);
        Assert.Equal(Pong, await device.ReceiveTextAsync());

        await device.SendAsync(Frames((Opcode.Text, """{"type":"listen","state":"detect","text":"he""", false), (Opcode.Ping, "between", true),
            (Opcode.Continuation, """llo"}""", true), (Opcode.Ping, "after", true), (Opcode.Text, """{"type":"pi""", false)).ToArray());
        Assert.Equal("between", Encoding.UTF8.GetString((await device.ReceiveFrameAsync()).Payload));
        Assert.Equal(0, _old.Registry.Count);
        Assert.True(await _old.Services.HandOver.WaitForTurnsAsync(HandOverBench.Limit));

        device = _new.Adopt(device, Assert.Single(await _old.Services.HandOver.DetachAllAsync(HandOverBench.Limit)));
        Assert.Contains("\"stt\"", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        Assert.Equal("after", Encoding.UTF8.GetString((await device.ReceiveFrameAsync()).Payload));
        while (!(await device.ReceiveTextAsync()).Contains("\"stop\"", StringComparison.Ordinal))
        {
        }

        await device.SendFrameAsync(Opcode.Continuation, Encoding.UTF8.GetBytes("""ng"}"""));
        Assert.Equal(Pong, await device.ReceiveTextAsync());
        Assert.Equal(0, _old.SessionMetrics.TurnsCompleted.Value);
        Assert.Equal(1, _new.SessionMetrics.TurnsCompleted.Value);
    }

    [Fact]
    public async Task After_a_refused_restart_the_same_server_continues_every_connection()
    {
        _old.Services.HandOver.Adopt = (socket, state) => Adopted = _old.Adopt(Adopted!, (ConnectionState)state! with { UnreadInput = socket.UnreadInput });
        Adopted = await _old.UpgradedAsync();
        _old.Services.HandOver.BeginQuiet();
        await Adopted.SendTextAsync("""{"type":"listen","state":"detect","text":"hello"}""");
        Assert.Equal(0, _old.Registry.Count);

        _old.Services.HandOver.Resume([]);

        Assert.Contains("\"stt\"", await Adopted.ReceiveTextAsync(), StringComparison.Ordinal);
        Assert.Equal(1, _old.Registry.Count);
        Assert.Equal(1, _old.Metrics.Open);
    }

    [Theory]
    [InlineData("session")]
    [InlineData("framing")]
    [InlineData("phase")]
    [InlineData("reason")]
    [InlineData("message")]
    public async Task State_that_has_no_meaning_ends_with_service_restart(string damage)
    {
        ScriptedDevice device = await _old.UpgradedAsync();
        ConnectionState state = Assert.Single(await DetachAsync(_old));
        state = damage switch
        {
            "session" => state with { Session = null },
            "framing" => state with { Session = state.Session! with { Framing = 77 } },
            "phase" => state with { Phase = 77 },
            "reason" => state with { EndReason = 77 },
            _ => state with { PartialMessage = new byte[] { 1, 2, 3 } },
        };

        device = _new.Adopt(device, state);

        Assert.Equal(CloseStatus.ServiceRestart, await device.ReceiveCloseAsync());
        Assert.True(await device.ReceiveEndAsync());
        Assert.Equal(1, _new.Metrics.EndedBy(ConnectionEndReason.RestartLost));
        Assert.Equal(0, _new.Registry.Count);
        Assert.Equal(0, _new.Metrics.Open);
    }

    [Fact]
    public async Task Connection_that_ends_meanwhile_is_not_handed_over()
    {
        ScriptedDevice stays = await _old.UpgradedAsync("Device-Id: one\r\n");
        ScriptedDevice leaves = await _old.UpgradedAsync("Device-Id: two\r\n");
        leaves.Connection.CloseFromPeer();

        ConnectionState state = Assert.Single(await DetachAsync(_old));

        Assert.Equal("one", state.DeviceId);
        Assert.Equal(1, _old.Metrics.EndedBy(ConnectionEndReason.PeerVanished));
        Assert.NotNull(stays);
    }

    private ScriptedDevice? Adopted { get; set; }

    private static ReadOnlyMemory<byte> FrameBytes(Opcode opcode, string payload, bool fin)
    {
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        FrameWriter.WriteMaskedFrame(writer, opcode, fin, Encoding.Latin1.GetBytes(payload), 0xA1B2C3D4);
        return writer.WrittenMemory;
    }

    private static IEnumerable<byte> Frames(params (Opcode Opcode, string Payload, bool Fin)[] frames) =>
        frames.SelectMany(static frame => FrameBytes(frame.Opcode, frame.Payload, frame.Fin).ToArray());

    private static Task<IReadOnlyList<ConnectionState>> DetachAsync(ConnectionHarness harness) => HandOverBench.DetachAsync(harness);

    private Task<ScriptedDevice> PassAsync(ScriptedDevice device) => HandOverBench.PassAsync(_old, _new, device);
}
