using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastGate.Protocol.Handshake;

/// <content>*( field-line CRLF ) CRLF: header lines up to the blank line (RFC 9112 section 5), strict.</content>
public partial struct HandshakeParser
{
    private static uint CrLf => BitConverter.IsLittleEndian ? 0x0A0Du : 0x0D0Au;

    private static uint CrLfCrLf => CrLf | (CrLf << 16);

    private static uint FirstTwo(uint four) => BitConverter.IsLittleEndian ? four & 0xFFFF : four >> 16;

    private OperationStatus ParseHeaders(ReadOnlySpan<byte> data)
    {
        int position = _position;
        while (true)
        {
            if (_phase == Phase.HeaderName)
            {
                if (position == _lineStart)
                {
                    if (ByteBlock.IsSupported && data.Length >= ByteBlock.Length)
                    {
                        ParseKnownLines(data);
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

    /// <summary>
    /// Parses header lines, and the blank line after them, while they are whole, valid, within the limits and their names are in the
    /// table of <see cref="HeaderNames"/>; <see cref="ParseHeaders"/> parses the first line that is not. Called only at the first byte of
    /// a line, so that a line that arrives in pieces is not scanned again for each piece.
    /// </summary>
    /// <remarks>
    /// The masks of a block do not depend on where lines begin, so the processor computes the next block's masks while it walks the bits of this
    /// one; a search for each name and value would wait for the previous search. The loop calls no method: a call would spill its registers.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)] // Leaves all registers to the loop.
    private void ParseKnownLines(ReadOnlySpan<byte> data)
    {
        ref byte first = ref MemoryMarshal.GetReference(data);
        ref uint slots = ref Unsafe.As<HeaderSlots, uint>(ref _slots);
        int length = data.Length;
        int line = _lineStart;
        int left = _limits.HeaderCount - _headerCount;
        int block = line;
        (ulong colons, ulong controls) = ByteBlock.FindColonsAndControls(ref first, block, length);
        while (left > 0)
        {
            // field-line = field-name ":" OWS field-value OWS CRLF (RFC 9112 section 5). The name: no control character before the first colon.
            while (colons == 0 && controls == 0 && block + ByteBlock.Length < length)
            {
                block += ByteBlock.Length;
                (colons, controls) = ByteBlock.FindColonsAndControls(ref first, block, length);
            }

            if ((controls & (colons ^ (colons - 1))) != 0)
            {
                break;
            }

            int nameEnd = block + BitOperations.TrailingZeroCount(colons);

            // The value: up to the first control character, which must be CR LF here; a tab is rare and left to ParseHeaders.
            while (controls == 0 && block + ByteBlock.Length < length)
            {
                block += ByteBlock.Length;
                (colons, controls) = ByteBlock.FindColonsAndControls(ref first, block, length);
            }

            // An empty mask gives the end of the block, which is the end of the data.
            int end = block + BitOperations.TrailingZeroCount(controls);
            if (end + 4 > length)
            {
                break;
            }

            uint lineEnd = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, (nint)(uint)end));
            if (FirstTwo(lineEnd) != CrLf)
            {
                break;
            }

            KnownHeader known = nameEnd >= HeaderNames.BytesBeforeColon
                ? HeaderNames.MatchLine(ref Unsafe.Add(ref first, (nint)(uint)nameEnd), nameEnd - line)
                : KnownHeader.Unknown;
            if (known == KnownHeader.Unknown)
            {
                break;
            }

            ref uint slot = ref Unsafe.Add(ref slots, (nint)(uint)known);
            if (slot == 0)
            {
                slot = SlotOf(nameEnd + 1, end);
            }
            else
            {
                _repeated |= 1u << (int)known;
            }

            left--;
            line = end + 2;
            if (lineEnd == CrLfCrLf)
            {
                _phase = Phase.Done;
                break;
            }

            // Clear the bits of this line; its LF may be the first byte of the next block.
            colons &= ~(controls ^ (controls - 1));
            controls &= controls - 1;
            if (controls != 0)
            {
                controls &= controls - 1;
            }
            else
            {
                block = line;
                (colons, controls) = ByteBlock.FindColonsAndControls(ref first, block, length);
            }
        }

        _headerCount = (ushort)(_limits.HeaderCount - left);
        _lineStart = (ushort)line;
        _position = (ushort)(_phase == Phase.Done ? line + 2 : line);
    }

    // The first line of a repeated header keeps the slot; HandshakeRules decides whether repeats are allowed. HandshakeRequest trims the value.
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

    // There is no colon yet, or the line begins with one.
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
