using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace FastGate.Protocol.Framing;

/// <content>Everything but the whole data frame: cuts, fragments, control frames and what is wrong.</content>
public partial struct MessageAssembler
{
    /// <summary>The least worth renting; a hostile peer that starts a frame and stops costs no more.</summary>
    private const int SmallestBuffer = 128;

    // Kept out of Read so that the fast path stays small enough to live in its caller's instruction cache.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private OperationStatus ReadSlow(scoped ref Span<byte> input, scoped in MessageLimits limits, out AssembledMessage message)
    {
        message = default;
        Release();
        if (_state >= State.Closed)
        {
            input = default;
            return _state == State.Failed ? OperationStatus.InvalidData : OperationStatus.NeedMoreData;
        }

        while (true)
        {
            if (_state != State.Payload)
            {
                OperationStatus status = ReadHeader(ref input, limits, out FrameError error);
                if (status == OperationStatus.InvalidData)
                {
                    return Fail(error, ref input);
                }

                if (status == OperationStatus.NeedMoreData)
                {
                    return status;
                }
            }

            Span<byte> chunk = input[..Math.Min(_remaining, input.Length)];
            input = input[chunk.Length..];
            FrameMask.Apply(chunk, _maskKey, 0);
            _maskKey = FrameMask.Advance(_maskKey, chunk.Length);
            _remaining -= chunk.Length;

            if (_frameOpcode >= Opcode.Close)
            {
                if (TryTakeControl(chunk, out message))
                {
                    return OperationStatus.Done;
                }
            }
            else if (!TryTakeData(chunk, out bool done, out message))
            {
                return Fail(FrameError.InvalidUtf8, ref input);
            }
            else if (done)
            {
                return OperationStatus.Done;
            }

            if (_remaining > 0)
            {
                return OperationStatus.NeedMoreData;
            }
        }
    }

    /// <summary>Reads a header, out of the carried bytes and the input together, and checks all that it declares.</summary>
    private OperationStatus ReadHeader(scoped ref Span<byte> input, scoped in MessageLimits limits, out FrameError error)
    {
        FrameHeader header;
        OperationStatus status;
        if (_headerLength == 0)
        {
            if (input.IsEmpty)
            {
                error = FrameError.None;
                return OperationStatus.NeedMoreData;
            }

            status = FrameReader.TryRead(input, out header, out int consumed, out error);
            if (status == OperationStatus.NeedMoreData)
            {
                Carry(ref input);
                return status;
            }

            input = input[consumed..];
        }
        else
        {
            int carried = _headerLength;
            Span<byte> more = input[..Math.Min(FrameHeader.MaxSize - carried, input.Length)];
            more.CopyTo(((Span<byte>)_header)[carried..]);
            status = FrameReader.TryRead(((Span<byte>)_header)[..(carried + more.Length)], out header, out int consumed, out error);
            if (status == OperationStatus.NeedMoreData)
            {
                _headerLength += (byte)more.Length;
                input = default;
                return status;
            }

            if (status == OperationStatus.Done)
            {
                _headerLength = 0;
                input = input[(consumed - carried)..];
            }
        }

        if (status == OperationStatus.Done)
        {
            error = Accept(header, limits);
            status = error == FrameError.None ? status : OperationStatus.InvalidData;
        }

        return status;
    }

    private void Carry(scoped ref Span<byte> input)
    {
        input.CopyTo(_header);
        _headerLength = (byte)input.Length;
        _state = State.Header;
        input = default;
    }

    /// <summary>Starts a frame, unless its header alone shows that it must not be taken.</summary>
    private FrameError Accept(in FrameHeader header, in MessageLimits limits)
    {
        if (!header.IsControl)
        {
            bool starts = header.Opcode != Opcode.Continuation;
            if (starts == (_messageOpcode != Opcode.Continuation))
            {
                return starts ? FrameError.MessageInsideMessage : FrameError.ContinuationWithoutStart;
            }

            if (header.PayloadLength > limits.Frame)
            {
                return FrameError.FrameTooBig;
            }

            if (header.PayloadLength > limits.Message - _length)
            {
                return FrameError.MessageTooBig;
            }

            if (starts)
            {
                _messageOpcode = header.Opcode;
                _fragments = 0;
            }

            if (++_fragments > limits.Fragments)
            {
                return FrameError.TooManyFragments;
            }
        }

        _frameOpcode = header.Opcode;
        _frameFin = header.Fin;
        _maskKey = header.MaskKey;
        _remaining = (int)header.PayloadLength;
        _state = State.Payload;
        return FrameError.None;
    }

    /// <summary>Takes a piece of a control frame. True when the frame is complete.</summary>
    private bool TryTakeControl(ReadOnlySpan<byte> chunk, out AssembledMessage message)
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

    /// <summary>Takes a piece of a data frame. False when it is not the text that it should be.</summary>
    private bool TryTakeData(ReadOnlySpan<byte> chunk, out bool done, out AssembledMessage message)
    {
        message = default;
        bool last = _frameFin && _remaining == 0;
        done = last;
        if (last && _length == 0)
        {
            // All of the message lies in the input, if perhaps behind empty fragments.
            if (_messageOpcode == Opcode.Text && !Utf8.IsValid(chunk))
            {
                return false;
            }

            message = new AssembledMessage(_messageOpcode, chunk);
        }
        else
        {
            Append(chunk);
            _length += chunk.Length;
            if (_messageOpcode == Opcode.Text && !ValidateTail(chunk.Length, last))
            {
                return false;
            }

            if (last)
            {
                message = new AssembledMessage(_messageOpcode, _buffer.AsSpan(0, _length));
            }
        }

        if (last)
        {
            _messageOpcode = Opcode.Continuation;
        }

        if (_remaining == 0)
        {
            EndFrame();
        }

        return true;
    }

    /// <summary>Validates what was just appended, together with the code point that it may complete.</summary>
    private bool ValidateTail(int appended, bool last)
    {
        int length = _cutCodePoint + appended;
        if (!Utf8Prefix.IsValid(_buffer.AsSpan(_length - length, length), out int complete))
        {
            return false;
        }

        _cutCodePoint = (byte)(length - complete);
        return !last || _cutCodePoint == 0;
    }

    private void EndFrame() =>
        _state = _messageOpcode != Opcode.Continuation ? State.Header
            : _buffer is not null ? State.Lent
            : State.Idle;

    /// <summary>Copies behind what is kept. Doubles when full, so that a message costs time in proportion to its length.</summary>
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
            int size = Math.Max(needed, (int)Math.Min(Math.Max(SmallestBuffer, (old?.Length ?? 0) * 2L), Array.MaxLength));
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
