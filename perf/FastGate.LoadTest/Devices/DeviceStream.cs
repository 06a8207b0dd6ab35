using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Devices;

/// <summary>
/// Parses what a device receives: bytes in, events out, wherever the bytes are cut. Keeps a buffer only for incomplete frames.
/// </summary>
internal sealed class DeviceStream
{
    private const int MaxReply = 16 * 1024;
    private const int MaxMessage = 4 * 1024 * 1024;

    private byte[] _carry = [];
    private int _carried;
    private byte[] _message = [];
    private int _messageLength;
    private Opcode _messageOpcode;

    /// <summary>True after the 101: only frames follow.</summary>
    public bool Upgraded { get; private set; }

    /// <summary>True when nothing more is read: the server refused, violated the protocol, or the connection ended.</summary>
    public bool Ended { get; private set; }

    public void Reset()
    {
        _carried = 0;
        _messageLength = 0;
        _messageOpcode = Opcode.Continuation;
        Upgraded = false;
        Ended = false;
    }

    /// <summary>Ends the stream; bytes that are left are not read. May be called from within an event.</summary>
    public void End() => Ended = true;

    public void Read(ReadOnlySpan<byte> bytes, IDeviceEvents events)
    {
        if (_carried > 0)
        {
            Keep(bytes);
            int taken = Take(_carry.AsSpan(0, _carried), events);
            _carry.AsSpan(taken, _carried - taken).CopyTo(_carry);
            _carried -= taken;
            return;
        }

        int consumed = Take(bytes, events);
        if (consumed < bytes.Length && !Ended)
        {
            Keep(bytes[consumed..]);
        }
    }

    private int Take(ReadOnlySpan<byte> bytes, IDeviceEvents events)
    {
        int position = 0;
        if (!Upgraded && !Ended)
        {
            position = TakeReply(bytes, events);
        }

        while (Upgraded && !Ended)
        {
            int frame = TakeFrame(bytes[position..], events);
            if (frame == 0)
            {
                break;
            }

            position += frame;
        }

        return Ended ? bytes.Length : position;
    }

    /// <summary>Like the firmware, checks only the status 101 and the blank line.</summary>
    private int TakeReply(ReadOnlySpan<byte> bytes, IDeviceEvents events)
    {
        int end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            if (bytes.Length > MaxReply)
            {
                Refuse(0, events);
            }

            return 0;
        }

        if (!bytes.StartsWith("HTTP/1.1 "u8) || bytes.Length < 12
            || !int.TryParse(Encoding.ASCII.GetString(bytes.Slice(9, 3)), CultureInfo.InvariantCulture, out int status))
        {
            Refuse(0, events);
            return 0;
        }

        if (status != 101)
        {
            Refuse(status, events);
            return 0;
        }

        Upgraded = true;
        events.OnUpgraded();
        return end + 4;
    }

    private void Refuse(int status, IDeviceEvents events)
    {
        Ended = true;
        events.OnRefused(status);
    }

    private int TakeFrame(ReadOnlySpan<byte> bytes, IDeviceEvents events)
    {
        OperationStatus read = FrameReader.TryReadServerFrame(bytes, out FrameHeader header, out int headerSize, out FrameError error);
        if (read == OperationStatus.InvalidData || header.PayloadLength + _messageLength > MaxMessage)
        {
            Ended = true;
            events.OnBroken(error);
            return 0;
        }

        if (read == OperationStatus.NeedMoreData || bytes.Length - headerSize < header.PayloadLength)
        {
            return 0;
        }

        ReadOnlySpan<byte> payload = bytes.Slice(headerSize, (int)header.PayloadLength);
        switch (header.Opcode)
        {
            case Opcode.Ping:
                events.OnPing(payload);
                break;
            case Opcode.Pong:
                events.OnPong(payload);
                break;
            case Opcode.Close:
                events.OnClose(payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : (int)CloseStatus.NoStatus);
                break;
            default:
                TakeData(header, payload, events);
                break;
        }

        return headerSize + payload.Length;
    }

    private void TakeData(in FrameHeader header, ReadOnlySpan<byte> payload, IDeviceEvents events)
    {
        if (header.Fin && header.Opcode != Opcode.Continuation)
        {
            events.OnMessage(header.Opcode, payload);
            return;
        }

        if (header.Opcode != Opcode.Continuation)
        {
            _messageOpcode = header.Opcode;
            _messageLength = 0;
        }

        if (_messageLength + payload.Length > _message.Length)
        {
            Array.Resize(ref _message, Math.Max(_messageLength + payload.Length, 2 * _message.Length));
        }

        payload.CopyTo(_message.AsSpan(_messageLength));
        _messageLength += payload.Length;
        if (header.Fin)
        {
            int length = _messageLength;
            _messageLength = 0;
            events.OnMessage(_messageOpcode, _message.AsSpan(0, length));
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_carried + bytes.Length > _carry.Length)
        {
            Array.Resize(ref _carry, Math.Max(_carried + bytes.Length, 2 * _carry.Length));
        }

        bytes.CopyTo(_carry.AsSpan(_carried));
        _carried += bytes.Length;
    }
}
