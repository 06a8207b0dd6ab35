using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using FastGate.Protocol.Framing;

namespace FastGate.Testing;

/// <summary>
/// A device on an <see cref="InMemoryConnection"/> or a socket, controlled by a test.
/// </summary>
public sealed class ScriptedDevice
{
    public const string DeviceHeaders = "Device-Id: aa:bb:cc:dd:ee:ff\r\nClient-Id: 7b94d69a-9808-4c59-9c9b-704333b38aff\r\n";

    private const uint MaskKey = 0x5A17C3F1;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);

    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly InMemoryConnection? _connection;

    public ScriptedDevice(InMemoryConnection connection)
        : this(connection.PeerInput, connection.PeerOutput) => _connection = connection;

    public ScriptedDevice(Stream stream)
        : this(PipeReader.Create(stream), PipeWriter.Create(stream))
    {
    }

    private ScriptedDevice(PipeReader input, PipeWriter output)
    {
        _input = input;
        _output = output;
    }

    public InMemoryConnection Connection => _connection ?? throw new InvalidOperationException("This device uses a socket.");

    public static string Request(string target = "/xiaozhi/v1/", string headers = DeviceHeaders) =>
        $"GET {target} HTTP/1.1\r\nHost: gate\r\n{headers}Connection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

    public ValueTask<FlushResult> SendAsync(ReadOnlyMemory<byte> bytes) => _output.WriteAsync(bytes);

    public ValueTask<FlushResult> SendAsync(string ascii) => SendAsync(Encoding.Latin1.GetBytes(ascii));

    public ValueTask<FlushResult> SendTextAsync(string text) => SendFrameAsync(Opcode.Text, Encoding.UTF8.GetBytes(text));

    public ValueTask<FlushResult> SendFrameAsync(Opcode opcode, byte[] payload, bool fin = true)
    {
        FrameWriter.WriteMaskedFrame(_output, opcode, fin, payload, MaskKey);
        return _output.FlushAsync();
    }

    public ValueTask<FlushResult> SendCloseAsync(CloseStatus status)
    {
        FrameWriter.WriteMaskedClose(_output, status, default, MaskKey);
        return _output.FlushAsync();
    }

    /// <summary>Upgrades and returns the response head.</summary>
    public async Task<string> UpgradeAsync(string target = "/xiaozhi/v1/", string headers = DeviceHeaders)
    {
        await SendAsync(Request(target, headers));
        return await ReceiveHeadAsync();
    }

    /// <summary>Receives an HTTP head up to its blank line.</summary>
    public Task<string> ReceiveHeadAsync() => ReceiveAsync(static (ref ReadOnlySequence<byte> buffer) =>
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> head, "\r\n\r\n"u8))
        {
            return null;
        }

        buffer = buffer.Slice(reader.Position);
        return Encoding.Latin1.GetString(head.ToArray());
    });

    public async Task<string> ReceiveTextAsync()
    {
        ReceivedFrame frame = await ReceiveFrameAsync();
        Assert(frame is { Opcode: Opcode.Text, IsCompressed: false }, $"a text frame, not {frame.Opcode}");
        return Encoding.UTF8.GetString(frame.Payload);
    }

    public async Task<CloseStatus> ReceiveCloseAsync()
    {
        ReceivedFrame frame = await ReceiveFrameAsync();
        Assert(frame.Opcode == Opcode.Close, $"a close frame, not {frame.Opcode} {Encoding.UTF8.GetString(frame.Payload)}");
        ClosePayload.TryRead(frame.Payload, out CloseStatus status, out _, out _);
        return status;
    }

    public Task<ReceivedFrame> ReceiveFrameAsync() => ReceiveAsync(static (ref ReadOnlySequence<byte> buffer) =>
    {
        byte[] bytes = buffer.ToArray();
        if (FrameReader.TryReadServerFrame(bytes, out FrameHeader header, out int consumed, out FrameError error, allowsCompressed: true) != OperationStatus.Done
            || bytes.Length < consumed + header.PayloadLength)
        {
            Assert(error == FrameError.None, $"a well-formed frame, not {error}");
            return null;
        }

        int end = consumed + (int)header.PayloadLength;
        buffer = buffer.Slice(end);
        return new ReceivedFrame(header.Opcode, header.Fin, bytes[consumed..end], header.IsCompressed);
    });

    /// <summary>True when the server has ended the connection without sending more.</summary>
    public async Task<bool> ReceiveEndAsync()
    {
        using var timeout = new CancellationTokenSource(s_timeout);
        ReadResult read = await _input.ReadAsync(timeout.Token);
        return read is { IsCompleted: true, Buffer.IsEmpty: true };
    }

    private delegate T? Taker<T>(ref ReadOnlySequence<byte> buffer)
        where T : class;

    private async Task<T> ReceiveAsync<T>(Taker<T> take)
        where T : class
    {
        using var timeout = new CancellationTokenSource(s_timeout);
        while (true)
        {
            ReadResult read = await _input.ReadAsync(timeout.Token);
            ReadOnlySequence<byte> buffer = read.Buffer;
            T? taken = take(ref buffer);
            _input.AdvanceTo(buffer.Start, taken is null ? buffer.End : buffer.Start);
            if (taken is not null)
            {
                return taken;
            }

            Assert(!read.IsCompleted, "more data, but the server has ended the connection");
        }
    }

    private static void Assert(bool condition, string expected)
    {
        if (!condition)
        {
            throw new InvalidOperationException("The device expected " + expected + ".");
        }
    }
}
