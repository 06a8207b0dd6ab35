using System.Buffers;

namespace FastGate.Protocol.Framing;

/// <content>Header phase: reads a frame header, possibly in pieces, and checks it against the message in progress and the limits.</content>
public partial struct MessageAssembler
{
    /// <summary>Reads a header from the kept bytes and the input, and checks what it declares.</summary>
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

            status = FrameReader.TryRead(input, out header, out int consumed, out error, limits.AllowsCompressed);
            if (status == OperationStatus.NeedMoreData)
            {
                Keep(ref input);
                return status;
            }

            input = input[consumed..];
        }
        else
        {
            int kept = _headerLength;
            Span<byte> more = input[..Math.Min(FrameHeader.MaxSize - kept, input.Length)];
            more.CopyTo(((Span<byte>)_header)[kept..]);
            status = FrameReader.TryRead(((Span<byte>)_header)[..(kept + more.Length)], out header, out int consumed, out error, limits.AllowsCompressed);
            if (status == OperationStatus.NeedMoreData)
            {
                _headerLength += (byte)more.Length;
                input = default;
                return status;
            }

            if (status == OperationStatus.Done)
            {
                _headerLength = 0;
                input = input[(consumed - kept)..];
            }
        }

        if (status == OperationStatus.Done)
        {
            error = BeginFrame(header, limits);
            status = error == FrameError.None ? status : OperationStatus.InvalidData;
        }

        return status;
    }

    private void Keep(scoped ref Span<byte> input)
    {
        input.CopyTo(_header);
        _headerLength = (byte)input.Length;
        _state = State.Header;
        input = default;
    }

    /// <summary>Starts a frame, or returns the rule or limit that its header breaks.</summary>
    private FrameError BeginFrame(in FrameHeader header, in MessageLimits limits)
    {
        if (!header.IsControl)
        {
            bool startsMessage = header.Opcode != Opcode.Continuation;
            if (startsMessage == (_messageOpcode != Opcode.Continuation))
            {
                return startsMessage ? FrameError.MessageInsideMessage : FrameError.ContinuationWithoutStart;
            }

            if (header.PayloadLength > limits.Frame)
            {
                return FrameError.FrameTooBig;
            }

            if (header.PayloadLength > limits.Message - _length)
            {
                return FrameError.MessageTooBig;
            }

            if (startsMessage)
            {
                _messageOpcode = header.Opcode;
                _isCompressed = header.IsCompressed;
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
}
