using System.Buffers;
using System.Buffers.Binary;

namespace FastGate.Protocol.Framing;

/// <content>
/// Saves the state between two reads, so that another process continues inside a frame or a message.
/// <code>
/// byte 0       version of this layout
/// byte 1       State; Idle and Lent are saved as no bytes at all
/// Closed       nothing more
/// Failed       byte 2: FrameError
/// others       opcode of the message with RSV1, opcode of the frame with the FIN bit, bytes of the header, bytes of the control frame (1 byte each);
///              fragments, remaining bytes, mask key (4 bytes each, little-endian); the header so far; the message so far; the control frame so far
/// </code>
/// Each state has exactly one saved form; everything else is refused.
/// </content>
public partial struct MessageAssembler
{
    private const byte SavedVersion = 1;
    private const int SavedFixed = 18;
    private const byte SavedFin = 0x80;
    private const byte SavedCompressed = 0x40;

    /// <summary>Bytes that <see cref="Save"/> writes; 0 between messages.</summary>
    public readonly int SavedLength => _state switch
    {
        State.Idle or State.Lent => 0,
        State.Closed => 2,
        State.Failed => 3,
        _ => SavedFixed + _headerLength + _length + _controlLength,
    };

    /// <summary>
    /// Writes the state for <see cref="TryRestore"/>. Call it when <see cref="Read"/> has returned NeedMoreData: a message that the caller still
    /// reads is not saved.
    /// </summary>
    /// <param name="output">Receives <see cref="SavedLength"/> bytes.</param>
    public readonly void Save(IBufferWriter<byte> output)
    {
        int length = SavedLength;
        if (length == 0)
        {
            return;
        }

        Span<byte> saved = output.GetSpan(length)[..length];
        saved[0] = SavedVersion;
        saved[1] = (byte)_state;
        if (_state == State.Failed)
        {
            saved[2] = (byte)_error;
        }
        else if (_state != State.Closed)
        {
            SaveProgress(saved);
        }

        output.Advance(length);
    }

    /// <summary>Continues from a saved state. Accepts any bytes; memory is rented for the bytes given, never for a length that they declare.</summary>
    /// <param name="saved">Bytes of <see cref="Save"/>; empty between messages.</param>
    /// <param name="limits">Limits that the message in progress must respect.</param>
    /// <param name="assembler">The assembler; a new one when the result is false.</param>
    /// <returns>False when the bytes are not a saved state of this version, or when the message is above a limit.</returns>
    public static bool TryRestore(ReadOnlySpan<byte> saved, scoped in MessageLimits limits, out MessageAssembler assembler)
    {
        assembler = default;
        if (saved.IsEmpty)
        {
            return true;
        }

        if (saved.Length < 2 || saved[0] != SavedVersion)
        {
            return false;
        }

        switch ((State)saved[1])
        {
            case State.Closed when saved.Length == 2:
                assembler._state = State.Closed;
                return true;
            case State.Failed when saved.Length == 3 && saved[2] is > (byte)FrameError.None and <= (byte)FrameError.CloseReasonInvalidUtf8:
                assembler._state = State.Failed;
                assembler._error = (FrameError)saved[2];
                return true;
            case State.Header or State.Payload when saved.Length >= SavedFixed:
                MessageAssembler restored = default;
                if (!restored.TryRestoreProgress(saved, limits))
                {
                    return false;
                }

                assembler = restored;
                return true;
            default:
                return false;
        }
    }

    private readonly void SaveProgress(Span<byte> saved)
    {
        bool inPayload = _state == State.Payload;
        saved[2] = (byte)((byte)_messageOpcode | (_isCompressed ? SavedCompressed : 0));
        saved[3] = inPayload ? (byte)((byte)_frameOpcode | (_frameFin ? SavedFin : 0)) : (byte)0;
        saved[4] = _headerLength;
        saved[5] = (byte)_controlLength;
        BinaryPrimitives.WriteInt32LittleEndian(saved[6..], _messageOpcode != Opcode.Continuation ? _fragments : 0);
        BinaryPrimitives.WriteInt32LittleEndian(saved[10..], inPayload ? _remaining : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(saved[14..], inPayload ? _maskKey : 0);
        ((ReadOnlySpan<byte>)_header)[.._headerLength].CopyTo(saved[SavedFixed..]);
        _buffer.AsSpan(0, _length + _controlLength).CopyTo(saved[(SavedFixed + _headerLength)..]);
    }

    private bool TryRestoreProgress(ReadOnlySpan<byte> saved, scoped in MessageLimits limits)
    {
        _state = (State)saved[1];
        _messageOpcode = (Opcode)(saved[2] & ~SavedCompressed);
        _isCompressed = (saved[2] & SavedCompressed) != 0;
        _frameOpcode = (Opcode)(saved[3] & ~SavedFin);
        _frameFin = (saved[3] & SavedFin) != 0;
        int header = saved[4];
        int control = saved[5];
        _fragments = BinaryPrimitives.ReadInt32LittleEndian(saved[6..]);
        _remaining = BinaryPrimitives.ReadInt32LittleEndian(saved[10..]);
        _maskKey = BinaryPrimitives.ReadUInt32LittleEndian(saved[14..]);
        saved = saved[SavedFixed..];
        int message = saved.Length - header - control;
        if (message < 0
            || !IsMessageConsistent(saved.Slice(header, message), limits)
            || !(_state == State.Header ? IsHeaderConsistent(saved[..header], control, limits.AllowsCompressed) : IsPayloadConsistent(header, message, control, limits))
            || (_isCompressed && (!limits.AllowsCompressed || _messageOpcode == Opcode.Continuation)))
        {
            return false;
        }

        saved[..header].CopyTo(_header);
        _headerLength = (byte)header;
        // Data first, because a control frame is appended to the data.
        Append(saved.Slice(header, message));
        _length = message;
        Append(saved[(header + message)..]);
        _controlLength = control;
        return true;
    }

    /// <summary>Checks the message in progress, or that there is none; finds the incomplete code point at the end of a text.</summary>
    private bool IsMessageConsistent(ReadOnlySpan<byte> message, scoped in MessageLimits limits)
    {
        if (_messageOpcode == Opcode.Continuation)
        {
            return message.IsEmpty && _fragments == 0;
        }

        int complete = message.Length;
        if (_messageOpcode is not (Opcode.Text or Opcode.Binary)
            || message.Length > limits.Message
            || _fragments < 1
            || _fragments > limits.Fragments
            || (_messageOpcode == Opcode.Text && !_isCompressed && !Utf8Prefix.IsValid(message, out complete)))
        {
            return false;
        }

        _incompleteBytes = (byte)(message.Length - complete);
        return true;
    }

    /// <summary>Checks a state before or inside a header. A header that is complete or invalid is never kept.</summary>
    private readonly bool IsHeaderConsistent(ReadOnlySpan<byte> header, int control, bool allowsCompressed) =>
        control == 0 && _frameOpcode == 0 && !_frameFin && _remaining == 0 && _maskKey == 0
        && (header.IsEmpty
            ? _messageOpcode != Opcode.Continuation
            : header.Length < FrameHeader.MaxSize && FrameReader.TryRead(header, out _, out _, out _, allowsCompressed) == OperationStatus.NeedMoreData);

    /// <summary>Checks a state inside a payload, of which at least one byte is missing.</summary>
    private readonly bool IsPayloadConsistent(int header, int message, int control, scoped in MessageLimits limits)
    {
        if (header != 0 || _remaining < 1)
        {
            return false;
        }

        if (_frameOpcode is Opcode.Close or Opcode.Ping or Opcode.Pong)
        {
            return _frameFin && _remaining <= FrameHeader.MaxControlPayload - control;
        }

        bool first = _frameOpcode != Opcode.Continuation;
        return control == 0
            && _messageOpcode != Opcode.Continuation
            && (first ? _frameOpcode == _messageOpcode && _fragments == 1 : _fragments > 1)
            && _remaining <= limits.Frame
            && _remaining <= limits.Message - message;
    }
}
