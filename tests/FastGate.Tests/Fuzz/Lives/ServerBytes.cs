using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using FastGate.Protocol.Deflate;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Messages;

namespace FastGate.Tests.Fuzz.Lives;

/// <summary>
/// Everything that a server sent to one client, checked as a strict client does: one response, then whole and unmasked frames, at most one close frame, and
/// nothing after it. Texts are JSON or known notices unless the server echoes.
/// </summary>
internal sealed class ServerBytes(bool isEcho)
{
    private const int LargestMessage = 1 << 20;

    private readonly ArrayBufferWriter<byte> _unread = new();
    private readonly ArrayBufferWriter<byte> _message = new();
    private bool _isUpgraded;
    private bool _isDeflate;
    private bool _isClosed;
    private bool _isCompressed;
    private Opcode _opcode;
    private int _body = -1;

    /// <summary>What the client may not accept; null so far.</summary>
    public string? Fault { get; private set; }

    public int Frames { get; private set; }

    public bool IsUpgraded => _isUpgraded;

    public void Add(ReadOnlySpan<byte> received)
    {
        _unread.Write(received);
        while (Fault is null && TryTake())
        {
        }
    }

    /// <summary>The server has ended the connection in order, so everything must be whole.</summary>
    public void End()
    {
        if (Fault is null && !_unread.WrittenSpan.IsEmpty && (_isUpgraded || _unread.WrittenCount != _body))
        {
            Fault = $"{_unread.WrittenCount} bytes at the end are incomplete";
        }

        if (Fault is null && _message.WrittenCount > 0)
        {
            Fault = "the last message is incomplete";
        }
    }

    private bool TryTake() => _isUpgraded ? TryTakeFrame() : _body < 0 && TryTakeHead();

    private bool TryTakeHead()
    {
        int end = _unread.WrittenSpan.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        string head = Encoding.Latin1.GetString(_unread.WrittenSpan[..end]);
        Remove(end + 4);
        if (head.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
        {
            _isUpgraded = true;
            _isDeflate = head.Contains("permessage-deflate", StringComparison.Ordinal);
            return true;
        }

        string? length = head.Split("\r\n").Select(static line => line.Split(": ")).FirstOrDefault(static line => line[0] == "Content-Length")?[1];
        _body = int.Parse(length ?? "0", CultureInfo.InvariantCulture);
        Fault = head.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? null : $"no response: {head}";
        return false;
    }

    private bool TryTakeFrame()
    {
        ReadOnlySpan<byte> unread = _unread.WrittenSpan;
        if (_isClosed && !unread.IsEmpty)
        {
            Fault = $"{unread.Length} bytes after the close frame";
            return false;
        }

        OperationStatus status = FrameReader.TryReadServerFrame(unread, out FrameHeader header, out int size, out FrameError error, _isDeflate);
        if (status != OperationStatus.Done || unread.Length - size < header.PayloadLength)
        {
            Fault = status == OperationStatus.InvalidData ? $"frame {Frames}: {error}" : null;
            return false;
        }

        int length = size + (int)header.PayloadLength;
        OnFrame(header, unread[size..length]);
        Frames++;
        Remove(length);
        return true;
    }

    private void OnFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Opcode == Opcode.Close)
        {
            _isClosed = true;
            Fault = payload.IsEmpty || ClosePayload.TryRead(payload, out _, out _, out FrameError error) ? null : $"close frame: {error}";
            return;
        }

        if (header.IsControl)
        {
            return;
        }

        if ((header.Opcode == Opcode.Continuation) != (_opcode != Opcode.Continuation))
        {
            Fault = $"{header.Opcode} within a message of {_opcode}";
            return;
        }

        if (header.Opcode != Opcode.Continuation)
        {
            (_opcode, _isCompressed) = (header.Opcode, header.IsCompressed);
        }

        _message.Write(payload);
        if (header.Fin)
        {
            OnMessage();
            _message.ResetWrittenCount();
            _opcode = Opcode.Continuation;
        }
    }

    private void OnMessage()
    {
        if (!_isCompressed)
        {
            Check(_message.WrittenSpan);
            return;
        }

        OperationStatus status = Inflater.Inflate(_message.WrittenSpan, LargestMessage, out byte[] buffer, out int length);
        Fault = status == OperationStatus.Done ? null : $"message cannot be decompressed: {status}";
        Check(buffer.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Check(ReadOnlySpan<byte> message)
    {
        if (Fault is null && _opcode == Opcode.Text && !Utf8.IsValid(message))
        {
            Fault = "text is not UTF-8";
        }
        else if (Fault is null && _opcode == Opcode.Text && !isEcho && !IsNotice(message) && !IsJson(message))
        {
            Fault = $"no JSON: {Encoding.UTF8.GetString(message)}";
        }
    }

    /// <summary>The notices that xiaozhi's server sends as plain text.</summary>
    private static bool IsNotice(ReadOnlySpan<byte> text) =>
        text.SequenceEqual(GatewayMessageWriter.ReplacedNotice) || text.SequenceEqual(GatewayMessageWriter.ReplacedNoticeInEnglish)
        || text.SequenceEqual(GatewayMessageWriter.TimeoutWarning) || text.SequenceEqual(GatewayMessageWriter.TimeoutWarningInEnglish)
        || text.SequenceEqual(GatewayMessageWriter.RegistrationFailed) || text.SequenceEqual(GatewayMessageWriter.RegistrationFailedInEnglish);

    private static bool IsJson(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Remove(int count)
    {
        byte[] rest = _unread.WrittenSpan[count..].ToArray();
        _unread.ResetWrittenCount();
        _unread.Write(rest);
    }
}
