using System.Buffers;
using System.Text.Unicode;

namespace FastGate.Protocol.Framing;

/// <content>Payload phase: pieces of control frames and data frames, and the buffer that keeps them.</content>
public partial struct MessageAssembler
{
    /// <summary>Minimum size of the buffer, in bytes: a hostile client that starts a frame and stops holds no more.</summary>
    private const int MinBuffer = 128;

    /// <summary>Adds a piece of a control frame. True when the frame is complete.</summary>
    private bool TryAddControl(ReadOnlySpan<byte> chunk, out AssembledMessage message)
    {
        if (_remaining > 0 || _controlLength > 0)
        {
            Append(chunk);
            _controlLength += chunk.Length;
        }

        if (_remaining > 0)
        {
            message = default;
            return false;
        }

        message = new AssembledMessage(_frameOpcode, _controlLength > 0 ? _buffer.AsSpan(_length, _controlLength) : chunk);
        _controlLength = 0;
        if (_frameOpcode == Opcode.Close)
        {
            _state = State.Closed;
        }
        else
        {
            EndFrame();
        }

        return true;
    }

    /// <summary>Adds a piece of a data frame. False when a text message is not valid UTF-8.</summary>
    private bool TryAddData(ReadOnlySpan<byte> chunk, out bool done, out AssembledMessage message)
    {
        message = default;
        bool last = _frameFin && _remaining == 0;
        done = last;
        if (last && _length == 0)
        {
            // The whole message is in the input, possibly after empty fragments.
            if (_messageOpcode == Opcode.Text && !_isCompressed && !Utf8.IsValid(chunk))
            {
                return false;
            }

            message = new AssembledMessage(_messageOpcode, chunk, _isCompressed);
        }
        else
        {
            Append(chunk);
            _length += chunk.Length;
            if (_messageOpcode == Opcode.Text && !_isCompressed && !ValidateAppended(chunk.Length, last))
            {
                return false;
            }

            if (last)
            {
                message = new AssembledMessage(_messageOpcode, _buffer.AsSpan(0, _length), _isCompressed);
            }
        }

        if (last)
        {
            _messageOpcode = Opcode.Continuation;
            _isCompressed = false;
        }

        if (_remaining == 0)
        {
            EndFrame();
        }

        return true;
    }

    /// <summary>Validates the appended bytes, together with the incomplete code point before them.</summary>
    private bool ValidateAppended(int appended, bool last)
    {
        int length = _incompleteBytes + appended;
        if (!Utf8Prefix.IsValid(_buffer.AsSpan(_length - length, length), out int complete))
        {
            return false;
        }

        _incompleteBytes = (byte)(length - complete);
        return !last || _incompleteBytes == 0;
    }

    private void EndFrame() =>
        _state = _messageOpcode != Opcode.Continuation ? State.Header
            : _buffer is not null ? State.Lent
            : State.Idle;

    /// <summary>Copies the bytes to the end of the buffer. A full buffer doubles, so the copying is linear in the message length.</summary>
    private void Append(ReadOnlySpan<byte> chunk)
    {
        if (chunk.IsEmpty)
        {
            return;
        }

        int used = _length + _controlLength;
        int needed = used + chunk.Length;
        byte[]? old = _buffer;
        if (old is null || old.Length < needed)
        {
            int size = Math.Max(needed, (int)Math.Min(Math.Max(MinBuffer, (old?.Length ?? 0) * 2L), Array.MaxLength));
            byte[] larger = ArrayPool<byte>.Shared.Rent(size);
            if (old is not null)
            {
                old.AsSpan(0, used).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(old);
            }

            _buffer = larger;
        }

        chunk.CopyTo(_buffer.AsSpan(used));
    }
}
