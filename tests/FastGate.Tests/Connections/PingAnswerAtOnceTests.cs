using System.Buffers;
using System.Text;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Flight;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Messages;
using FastGate.Testing;
using FastGate.Tests.Transport;
using FastGate.Transport.Input;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Connections;

/// <summary>Pings that are answered without a pipe have the same effects as those that are read through one; everything else is read through it.</summary>
public sealed class PingAnswerAtOnceTests
{
    private const string Ping = """{"type":"ping"}""";

    private readonly byte[] _output = new byte[64 * 1024];

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(1_000)]
    public async Task Each_ping_gets_its_pong_and_is_counted(int pings)
    {
        using var harness = new ConnectionHarness();
        await harness.UpgradedAsync();
        DeviceConnection connection = Assert.Single(harness.Connections());
        harness.Clock.Turn(TimeSpan.FromSeconds(3));
        long before = harness.Clock.NowMs;

        int length = Answer(connection, Pings(pings));

        Assert.Equal(pings * GatewayMessageWriter.PongFrame.Length, length);
        for (int i = 0; i < length; i += GatewayMessageWriter.PongFrame.Length)
        {
            Assert.True(_output.AsSpan(i).StartsWith(GatewayMessageWriter.PongFrame));
        }

        Assert.Equal(pings, harness.Metrics.TextReceived.Value);
        Assert.InRange(connection.LastInboundMs, before, harness.Clock.NowMs);
    }

    /// <summary>As any message, a ping ends the wait for the hello. The other device shows that the wait was over.</summary>
    [Fact]
    public async Task Ping_ends_the_wait_for_the_hello()
    {
        using var harness = new ConnectionHarness();
        await harness.UpgradedAsync();
        Answer(Assert.Single(harness.Connections()), Pings(1));
        await harness.UpgradedAsync("Device-Id: another\r\n");

        harness.Clock.Turn(TimeSpan.FromSeconds(30));

        await Eventually.TrueAsync(() => harness.Registry.Count == 1, "one device has been closed");
        Assert.NotEqual("another", Assert.Single(harness.Connections()).DeviceId);
    }

    [Fact]
    public async Task Other_input_has_no_effect_yet()
    {
        using var harness = new ConnectionHarness();
        await harness.UpgradedAsync();
        DeviceConnection connection = Assert.Single(harness.Connections());
        long before = connection.LastInboundMs;
        harness.Clock.Turn(TimeSpan.FromSeconds(3));

        Assert.Equal(IInputHandler.NotTaken, Answer(connection, Frame(Opcode.Text, """{"type":"hello"}""")));
        Assert.Equal(IInputHandler.NotTaken, Answer(connection, Pings(1)[..^1]));
        Assert.Equal(IInputHandler.NotTaken, Answer(connection, Frame(Opcode.Binary, Ping)));

        Assert.Equal(0, harness.Metrics.TextReceived.Value);
        Assert.Equal(before, connection.LastInboundMs);
    }

    /// <summary>The rest of the message is not a ping, whatever it looks like.</summary>
    [Fact]
    public async Task Ping_within_an_incomplete_message_is_read()
    {
        using var harness = new ConnectionHarness();
        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendAsync(Frame(Opcode.Text, new string('x', 100)).AsMemory(0, 40));

        Assert.Equal(IInputHandler.NotTaken, Answer(Assert.Single(harness.Connections()), Pings(1)));
    }

    [Fact]
    public async Task Pings_are_read_after_a_close_in_echo_mode_under_a_small_limit_and_with_a_trace()
    {
        using var closing = new ConnectionHarness();
        ScriptedDevice device = await closing.UpgradedAsync();
        DeviceConnection connection = Assert.Single(closing.Connections());
        await device.SendCloseAsync(CloseStatus.Normal);
        Assert.Equal(IInputHandler.NotTaken, Answer(connection, Pings(1)));

        using var echo = new ConnectionHarness(new DeviceOptions { Echo = true });
        await echo.UpgradedAsync();
        Assert.Equal(IInputHandler.NotTaken, Answer(Assert.Single(echo.Connections()), Pings(1)));

        using var limited = new ConnectionHarness(new DeviceOptions { Limits = new DeviceLimits { Frame = 14 } });
        await limited.UpgradedAsync();
        Assert.Equal(IInputHandler.NotTaken, Answer(Assert.Single(limited.Connections()), Pings(1)));

        using var traced = new ConnectionHarness();
        await traced.UpgradedAsync();
        traced.Recorder.Traces = new Traces(null, TimeProvider.System, NullLogger.Instance);
        Assert.NotEqual(IInputHandler.NotTaken, Answer(Assert.Single(traced.Connections()), Pings(1)));
        traced.Recorder.Traces.Begin("aa:01", null, TimeSpan.FromMinutes(1));
        Assert.Equal(IInputHandler.NotTaken, Answer(Assert.Single(traced.Connections()), Pings(1)));
    }

    private int Answer(DeviceConnection connection, byte[] input) => ((IInputHandler)connection).TryAnswer(input, _output, Environment.TickCount64);

    private static byte[] Pings(int count) => [.. Enumerable.Range(0, count).SelectMany(static _ => Frame(Opcode.Text, Ping))];

    private static byte[] Frame(Opcode opcode, string payload)
    {
        var input = new ArrayBufferWriter<byte>();
        FrameWriter.WriteMaskedFrame(input, opcode, fin: true, Encoding.UTF8.GetBytes(payload), maskKey: 0x01020304);
        return input.WrittenSpan.ToArray();
    }
}
