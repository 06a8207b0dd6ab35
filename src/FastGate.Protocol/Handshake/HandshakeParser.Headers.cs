using System.Buffers;

namespace FastGate.Protocol.Handshake;

/// <content>Header lines up to the blank line (RFC 9112 section 5), strict.</content>
public partial struct HandshakeParser
{
    private OperationStatus ParseHeaders(ReadOnlySpan<byte> data)
    {
        int position = _position;
        while (true)
        {
            if (_phase == Phase.HeaderName)
            {
                if (position == _lineStart)
                {
                    if (HasVectors && data.Length >= BlockLength)
                    {
                        TakeWholeLines(data);
                        if (_phase == Phase.Done)
                        {
                            return OperationStatus.Done;
                        }

                        position = _position;
                    }

                    if ((uint)position >= (uint)data.Length)
                    {
                        return OperationStatus.NeedMoreData;
                    }

                    if (data[position] == Cr)
                    {
                        return ParseBlankLine(data);
                    }

                    if (_headerCount == _limits.HeaderCount)
                    {
                        return Fail(HandshakeError.TooManyHeaders);
                    }
                }

                int colon = data[position..].IndexOf((byte)':');
                if (colon <= 0 && (colon < 0 || position == _lineStart))
                {
                    return ParseNameSlow(data);
                }

                colon += position;
                _known = HeaderNames.Match(data[_lineStart..colon]);
                if (_known == KnownHeader.Unknown)
                {
                    int bad = data[position..colon].IndexOfAnyExcept(HeaderNames.TokenCharacters);
                    if (bad >= 0)
                    {
                        return FailName(data, position + bad);
                    }
                }

                _nameEnd = (ushort)colon;
                position = colon + 1;
                _phase = Phase.HeaderValue;
            }

            int length = data[position..].IndexOfAny(s_valueEnds);
            if (length < 0)
            {
                _position = (ushort)data.Length;
                return OperationStatus.NeedMoreData;
            }

            int end = position + length;
            _position = (ushort)end;
            if (data[end] != Cr)
            {
                return Fail(data[end] == Lf ? HandshakeError.BareLineFeed : HandshakeError.ControlCharacter);
            }

            if (end + 1 == data.Length)
            {
                return OperationStatus.NeedMoreData;
            }

            if (data[end + 1] != Lf)
            {
                return Fail(HandshakeError.BareCarriageReturn);
            }

            if (_known != KnownHeader.Unknown)
            {
                Remember(_known, _nameEnd + 1, end);
            }

            _headerCount++;
            position = end + 2;
            _position = (ushort)position;
            _lineStart = (ushort)position;
            _phase = Phase.HeaderName;
        }
    }

    // The first of several wins its slot; whether that is allowed is for HandshakeRules to say. HandshakeRequest trims.
    private void Remember(KnownHeader known, int start, int end)
    {
        ref uint slot = ref _slots[(int)known];
        if (slot == 0)
        {
            slot = SlotOf(start, end);
        }
        else
        {
            _repeated |= 1u << (int)known;
        }
    }

    private static uint SlotOf(int start, int end) => ((uint)start << 16) | (uint)(end - start);

    private OperationStatus ParseBlankLine(ReadOnlySpan<byte> data)
    {
        int position = _lineStart;
        _position = (ushort)position;
        if (position + 1 == data.Length)
        {
            return OperationStatus.NeedMoreData;
        }

        if (data[position + 1] != Lf)
        {
            return Fail(HandshakeError.BareCarriageReturn);
        }

        _position = (ushort)(position + 2);
        _phase = Phase.Done;
        return OperationStatus.Done;
    }

    // No colon in sight, or one where the name should begin.
    private OperationStatus ParseNameSlow(ReadOnlySpan<byte> data)
    {
        int position = Math.Max(_position, _lineStart);
        int bad = data[position..].IndexOfAnyExcept(HeaderNames.TokenCharacters);
        if (bad >= 0)
        {
            return FailName(data, position + bad);
        }

        _position = (ushort)data.Length;
        return OperationStatus.NeedMoreData;
    }

    private OperationStatus FailName(ReadOnlySpan<byte> data, int index)
    {
        bool atStart = index == _lineStart;
        return Fail(data[index] switch
        {
            (byte)':' => HandshakeError.EmptyHeaderName,
            (byte)' ' or (byte)'\t' => atStart ? HandshakeError.FoldedLine : HandshakeError.SpaceBeforeColon,
            Lf => HandshakeError.BareLineFeed,
            Cr => HandshakeError.MissingColon,
            _ => HandshakeError.MalformedHeaderName,
        });
    }
}
