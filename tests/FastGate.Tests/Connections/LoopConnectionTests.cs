using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Protocol.Framing;
using FastGate.Sessions;
using FastGate.Testing;
using FastGate.Tests.Transport;
using FastGate.Transport;
using FastGate.Transport.Loops;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Connections;

/// <summary>Costs of a message with the real connection, loop and socket: wake-ups, sends and allocations.</summary>
public sealed partial class LoopConnectionTests : IAsyncLifetime, IDisposable
{
    private static readonly byte[] s_ping = Masked(Opcode.Text, """{"type":"ping"}"""u8);
    private static readonly byte[] s_pong = Unmasked(Opcode.Text, """{"type":"pong"}"""u8);

    private readonly List<LoopConnection> _connections = [];
    private readonly TransportHarness _transport = TransportHarness.Create(TransportKind.EventLoop, new TransportOptions { EventLoops = 1 });
    private ConnectionHarness _harness = new();
    private int _accepted;

    private EventLoop Loop => ((EventLoopTransport)_transport.Transport).Loops[0];

    public Task InitializeAsync() => _transport.StartAsync(connection =>
    {
        _connections.Add((LoopConnection)connection);
        Volatile.Write(ref _accepted, _connections.Count);
        return _harness.Handler.OnConnectedAsync(connection);
    });

    public async Task DisposeAsync() => await _transport.DisposeAsync();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task Many_messages_from_other_threads_cause_one_wake_up_and_one_send()
    {
        const int Threads = 4;
        const int Each = 200;
        const int FrameSize = 8;
        using Socket socket = await UpgradeAsync();
        DeviceConnection connection = _harness.Connections().Single();
        uint sends = TcpInfo.Of(socket).DataSegmentsIn;
        using (await HeldLoop.HoldAsync(Loop))
        {
            long wakes = Loop.Wakes;
            await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
            {
                for (int i = 0; i < Each; i++)
                {
                    connection.Post(new OutboundMessage(OutboundKind.Notice, Encoding.ASCII.GetBytes($"{thread}:{i:D4}")));
                }
            })));

            // The loop is busy, so no wake-up is needed, and one cancelled read serves all messages.
            Assert.Equal(wakes, Loop.Wakes);
            Assert.True(_connections.Single().IsReadCancelled);
        }

        byte[] frames = await ReceiveAsync(socket, Threads * Each * FrameSize);
        int[] next = new int[Threads];
        for (int at = 0; at < frames.Length; at += FrameSize)
        {
            string[] parts = Encoding.ASCII.GetString(frames, at + 2, FrameSize - 2).Split(':');
            int thread = int.Parse(parts[0], CultureInfo.InvariantCulture);
            Assert.Equal(next[thread]++, int.Parse(parts[1], CultureInfo.InvariantCulture));
        }

        Assert.All(next, static count => Assert.Equal(Each, count));
        Assert.Equal(sends + 1, TcpInfo.Of(socket).DataSegmentsIn);
        Assert.False(_connections.Single().IsReadCancelled);
    }

    [Fact]
    public async Task Output_of_one_read_is_sent_at_once()
    {
        const int Pings = 50;
        using Socket socket = await UpgradeAsync();
        byte[] pings = Repeat(s_ping, Pings);
        for (int round = 0; round < 20; round++)
        {
            uint sends = TcpInfo.Of(socket).DataSegmentsIn;
            await socket.SendAsync(pings);
            byte[] pongs = await ReceiveAsync(socket, Pings * s_pong.Length);
            Assert.Equal(Repeat(s_pong, Pings), pongs);
            Assert.Equal(sends + 1, TcpInfo.Of(socket).DataSegmentsIn);
        }
    }

    [Fact]
    public Task Ping_and_pong_allocate_nothing_on_the_loop() => AssertNothingAllocatedAsync(s_ping, s_pong);

    [Fact]
    public Task Pings_in_one_read_allocate_nothing_on_the_loop() => AssertNothingAllocatedAsync(Repeat(s_ping, 16), Repeat(s_pong, 16));

    [Theory]
    [InlineData(1024)]
    [InlineData(16 * 1024)]
    public Task Echo_allocates_nothing_on_the_loop(int length)
    {
        _harness.Dispose();
        _harness = new ConnectionHarness(new DeviceOptions { Echo = true });
        byte[] payload = new byte[length];
        Random.Shared.NextBytes(payload);
        return AssertNothingAllocatedAsync(Masked(Opcode.Binary, payload), Unmasked(Opcode.Binary, payload));
    }

    [Theory]
    [InlineData("203.0.113.0/24", false)]
    [InlineData("127.0.0.0/8", true)]
    public async Task Connection_that_is_not_traced_allocates_nothing_while_a_trace_of_addresses_runs(string addresses, bool isTraced)
    {
        var traces = new Traces(null, TimeProvider.System, NullLogger.Instance);
        _harness.Recorder.Traces = traces;
        Assert.True(AddressRange.TryParse(addresses, out AddressRange range));
        Trace trace = traces.Begin(null, range, TimeSpan.FromMinutes(10))!;

        long least = await LeastAllocatedAsync(s_ping, s_pong, 500);

        Assert.Equal(isTraced, least > 0);
        Assert.Equal(isTraced, trace.Lines > 0);
        Assert.True(traces.End(trace.Id));
    }

    [Theory]
    [InlineData("GET /.env HTTP/1.1\r\nHost: a\r\nUser-Agent: scanner\r\nAccept: text/html\r\n\r\n")]
    [InlineData("POST /xiaozhi/v1/?device-id=aa%3A01 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("SSH-2.0-x\r\n")]
    public async Task Refused_connection_of_a_flood_allocates_little_more_than_one_that_sends_nothing(string request)
    {
        const int Connections = 40;
        byte[] bytes = Encoding.Latin1.GetBytes(request);
        await FloodAsync(bytes, RecordGate.Burst);
        await FloodAsync([], RecordGate.Burst);
        long nothing = await LeastOfFloodsAsync([], Connections);
        long refused = await LeastOfFloodsAsync(bytes, Connections);

        // The answer and the end of the connection need a few objects of the pipes; a record has more than a thousand bytes.
        Assert.InRange((refused - nothing) / Connections, -400, 400);
        Assert.InRange(_harness.Recorder.Skipped, 2 * Connections, _harness.Metrics.Accepted.Value);
    }

    private async Task<long> LeastOfFloodsAsync(byte[] request, int connections)
    {
        long least = long.MaxValue;
        for (int round = 0; round < 3; round++)
        {
            long before = await AllocatedAsync();
            await FloodAsync(request, connections);
            least = Math.Min(least, await AllocatedAsync() - before);
        }

        return least;
    }

    /// <summary>Connects one after the other, and waits until each has ended.</summary>
    private async Task FloodAsync(byte[] request, int connections)
    {
        for (int i = 0; i < connections; i++)
        {
            long accepted = _harness.Metrics.Accepted.Value;
            using (Socket socket = await _transport.ConnectAsync())
            {
                if (request.Length > 0)
                {
                    await socket.SendAsync(request);
                    while (await socket.ReceiveAsync(new byte[1024]).Within() > 0)
                    {
                    }
                }
            }

            await Eventually.TrueAsync(() => _harness.Metrics.Accepted.Value > accepted && _harness.Metrics.Open == 0, "the connection has ended");
        }
    }

    private async Task AssertNothingAllocatedAsync(byte[] message, byte[] answer) => Assert.Equal(0, await LeastAllocatedAsync(message, answer, 10_000));

    private async Task<long> LeastAllocatedAsync(byte[] message, byte[] answer, int messages)
    {
        const int Windows = 4;
        using Socket socket = await UpgradeAsync();
        long least = long.MaxValue;
        byte[] received = new byte[answer.Length];

        // The first rounds warm up. Later rounds allocate nothing, except when the runtime itself allocates once.
        for (int window = 0; window < Windows && least != 0; window++)
        {
            long before = await AllocatedAsync();
            for (int i = 0; i < messages; i++)
            {
                socket.Send(message);
                for (int at = 0; at < received.Length;)
                {
                    int count = socket.Receive(received, at, received.Length - at, SocketFlags.None);
                    Assert.True(count > 0);
                    at += count;
                }
            }

            least = Math.Min(least, await AllocatedAsync() - before);
            Assert.Equal(answer, received);
        }

        return least;
    }

    /// <summary>Bytes allocated by the loop's thread so far. Reading them allocates nothing on that thread.</summary>
    private async Task<long> AllocatedAsync()
    {
        long bytes = -1;
        Loop.Post(_ => Volatile.Write(ref bytes, GC.GetAllocatedBytesForCurrentThread()), null);
        await Eventually.TrueAsync(() => Volatile.Read(ref bytes) >= 0, "the loop has reported");
        return bytes;
    }

    private async Task<Socket> UpgradeAsync(string? deviceId = null)
    {
        Socket socket = await _transport.ConnectAsync();
        string headers = deviceId is null ? ScriptedDevice.DeviceHeaders : $"Device-Id: {deviceId}\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(ScriptedDevice.Request(headers: headers)));
        await ReceiveAnswerAsync(socket);
        return socket;
    }

    private static async Task ReceiveAnswerAsync(Socket socket)
    {
        byte[] head = new byte[1024];
        int length = 0;
        while (!head.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            int count = await socket.ReceiveAsync(head.AsMemory(length)).Within();
            Assert.True(count > 0);
            length += count;
        }

        Assert.StartsWith("HTTP/1.1 101 ", Encoding.ASCII.GetString(head, 0, length), StringComparison.Ordinal);
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count;)
        {
            int read = await socket.ReceiveAsync(bytes.AsMemory(at)).Within();
            Assert.True(read > 0);
            at += read;
        }

        return bytes;
    }

    private static byte[] Repeat(byte[] bytes, int times) => [.. Enumerable.Repeat(bytes, times).SelectMany(static each => each)];

    private static byte[] Masked(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var writer = new ArrayBufferWriter<byte>();
        FrameWriter.WriteMaskedFrame(writer, opcode, fin: true, payload, 0x01020304);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[] Unmasked(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var writer = new ArrayBufferWriter<byte>();
        FrameWriter.WriteMessage(writer, opcode, payload);
        return writer.WrittenSpan.ToArray();
    }
}
