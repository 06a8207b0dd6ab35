using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FastGate.Protocol.Framing;

namespace FastGate.Turns;

/// <summary>
/// A device on a blocking socket: it measures the gateway and the kernel without a scheduler in the driver.
/// Used by one thread at a time.
/// </summary>
internal sealed class BlockingDevice : IDisposable
{
    private const uint MaskKey = 0x3C5A7E19;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 60_000 };
    private readonly ArrayBufferWriter<byte> _out = new(512);
    private readonly byte[] _in = new byte[16 * 1024];
    private int _start;
    private int _end;

    public BlockingDevice(int port, string id)
    {
        _socket.Connect(IPAddress.Loopback, port);
        _socket.Send(Encoding.ASCII.GetBytes(
            $"GET /xiaozhi/v1/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nDevice-Id: {id}\r\nProtocol-Version: 1\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n\r\n"));
        int head;
        while ((head = _in.AsSpan(_start.._end).IndexOf("\r\n\r\n"u8)) < 0)
        {
            Fill();
        }

        if (!_in.AsSpan(_start.._end).StartsWith("HTTP/1.1 101"u8))
        {
            throw new InvalidOperationException($"{id} was refused: {Encoding.ASCII.GetString(_in, 0, head)}");
        }

        _start += head + 4;
    }

    public void Send(ReadOnlySpan<byte> text)
    {
        _out.ResetWrittenCount();
        FrameWriter.WriteMaskedFrame(_out, Opcode.Text, fin: true, text, MaskKey);
        _socket.Send(_out.WrittenSpan);
    }

    public void Say(string text) => Send(Encoding.UTF8.GetBytes($$"""{"type":"listen","state":"detect","text":"{{text}}"}"""));

    /// <summary>Reads until a message contains this text.</summary>
    public void ReadUntil(ReadOnlySpan<byte> part)
    {
        while (true)
        {
            OperationStatus status = FrameReader.TryReadServerFrame(_in.AsSpan(_start.._end), out FrameHeader header, out int consumed, out FrameError error);
            if (status == OperationStatus.InvalidData || (status == OperationStatus.Done && header.Opcode == Opcode.Close))
            {
                throw new InvalidOperationException($"The gateway closed, or broke the protocol: {error}");
            }

            if (status != OperationStatus.Done || _end - _start < consumed + header.PayloadLength)
            {
                Fill();
                continue;
            }

            Span<byte> payload = _in.AsSpan(_start + consumed, (int)header.PayloadLength);
            _start += consumed + payload.Length;
            if (payload.IndexOf(part) >= 0)
            {
                return;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Fill()
    {
        if (_start > 0)
        {
            _in.AsSpan(_start.._end).CopyTo(_in);
            _end -= _start;
            _start = 0;
        }

        int received = _socket.Receive(_in, _end, _in.Length - _end, SocketFlags.None);
        _end += received > 0 ? received : throw new InvalidOperationException("The gateway ended the connection.");
    }
}
