using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastGate.Protocol.Handshake;

/// <content>Whole header lines on vectors. It takes only what is plainly right; ParseHeaders says what everything else is.</content>
public partial struct HandshakeParser
{
    // Two vectors: a bit for each byte fits a ulong.
    private const int BlockLength = 64;

    // Where only 128-bit vectors exist (arm64, old x64) the runtime makes each operation two; still faster than a call for each search.
    private static bool HasVectors => Vector128.IsHardwareAccelerated;

    // As a load of memory sees them.
    private static uint Get => Unsafe.ReadUnaligned<uint>(ref MemoryMarshal.GetReference("GET "u8));

    private static ulong SpaceHttp1 => Unsafe.ReadUnaligned<ulong>(ref MemoryMarshal.GetReference(" HTTP/1."u8));

    private static ulong Http11CrLf => Unsafe.ReadUnaligned<ulong>(ref MemoryMarshal.GetReference("TP/1.1\r\n"u8));

    private static uint CrLf => BitConverter.IsLittleEndian ? 0x0A0Du : 0x0D0Au;

    private static uint CrLfCrLf => CrLf | (CrLf << 16);

    private static uint FirstTwo(uint four) => BitConverter.IsLittleEndian ? four & 0xFFFF : four >> 16;

    /// <summary>
    /// Takes the request line when it is plainly right: GET, a target, HTTP/1.1, whole in <paramref name="data"/>. Else nothing is changed, and
    /// ParseRequestLine says what it is.
    /// </summary>
    private bool TryTakeRequestLine(ReadOnlySpan<byte> data)
    {
        const int TargetStart = 4;
        const int VersionLength = 10;
        ref byte first = ref MemoryMarshal.GetReference(data);
        if (Unsafe.ReadUnaligned<uint>(ref first) != Get)
        {
            return false;
        }

        for (int block = TargetStart; block + BlockLength <= data.Length; block += BlockLength)
        {
            ref byte at = ref Unsafe.Add(ref first, block);
            ulong notTarget = Join(NotTarget(Vector256.LoadUnsafe(ref at)), NotTarget(Vector256.LoadUnsafe(ref at, (nuint)Vector256<byte>.Count)));
            if (notTarget == 0)
            {
                continue;
            }

            int end = block + BitOperations.TrailingZeroCount(notTarget);
            ref byte behind = ref Unsafe.Add(ref first, end);
            if (end == TargetStart || end + 1 + VersionLength > data.Length
                || Unsafe.ReadUnaligned<ulong>(ref behind) != SpaceHttp1
                || Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref behind, 3)) != Http11CrLf)
            {
                return false;
            }

            _methodLength = TargetStart - 1;
            _targetStart = TargetStart;
            _targetLength = (ushort)(end - TargetStart);
            _minorVersion = 1;
            ushort lineEnd = (ushort)(end + 1 + VersionLength);
            _headersStart = lineEnd;
            _lineStart = lineEnd;
            _position = lineEnd;
            _phase = Phase.HeaderName;
            return true;
        }

        return false;
    }

    /// <summary>
    /// Takes header lines, and the blank line after them, while they are whole, well-formed and within the limits; stops before the first that
    /// is not. Called only at a line's first byte, so that a line that arrives in pieces is not scanned again for each.
    /// </summary>
    private void TakeWholeLines(ReadOnlySpan<byte> data)
    {
        for (int end = TakeKnownLines(data); end != 0; end = TakeKnownLines(data))
        {
            // A name that is not in the table, or the first one behind a very short request line.
            ReadOnlySpan<byte> name = data[_lineStart.._nameEnd];
            KnownHeader known = HeaderNames.Match(name);
            if (known != KnownHeader.Unknown)
            {
                Remember(known, _nameEnd + 1, end);
            }
            else if (name.IsEmpty || name.ContainsAnyExcept(HeaderNames.TokenCharacters))
            {
                return;
            }

            _headerCount++;
            _lineStart = (ushort)(end + 2);
            _position = _lineStart;
        }
    }

    /// <summary>The lines whose names are in the table, up to one of another name.</summary>
    /// <returns>0, or the end of a line that is right but for its name, which goes up to <see cref="_nameEnd"/> and is still to be judged.</returns>
    /// <remarks>
    /// The masks of a block do not depend on where lines begin, so the processor computes the next while it walks this one's bits; a search
    /// for each name and value would wait for the one before. Nothing is called from the loop: a call would spill its registers.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)] // So that all registers are the loop's.
    private int TakeKnownLines(ReadOnlySpan<byte> data)
    {
        ref byte first = ref MemoryMarshal.GetReference(data);
        ref uint slots = ref Unsafe.As<HeaderSlots, uint>(ref _slots);
        int length = data.Length;
        int line = _lineStart;
        int unknown = 0;
        int left = _limits.HeaderCount - _headerCount;
        int block = line;
        (ulong colons, ulong controls) = ReadBlock(ref first, block, length);
        while (left > 0)
        {
            // The name: up to the first colon, and no control character before that.
            while (colons == 0 && controls == 0 && block + BlockLength < length)
            {
                block += BlockLength;
                (colons, controls) = ReadBlock(ref first, block, length);
            }

            if ((controls & (colons ^ (colons - 1))) != 0)
            {
                break;
            }

            int nameEnd = block + BitOperations.TrailingZeroCount(colons);

            // The value: up to the first control character, colons or not. Only CR LF is for here; a tab is rare.
            while (controls == 0 && block + BlockLength < length)
            {
                block += BlockLength;
                (colons, controls) = ReadBlock(ref first, block, length);
            }

            // Of an empty mask that is the end of its block, and so of the data.
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
                _nameEnd = (ushort)nameEnd;
                unknown = end;
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

            // Forget all bits of this line; its LF may be the next block's first byte.
            colons &= ~(controls ^ (controls - 1));
            controls &= controls - 1;
            if (controls != 0)
            {
                controls &= controls - 1;
            }
            else
            {
                block = line;
                (colons, controls) = ReadBlock(ref first, block, length);
            }
        }

        _headerCount = (ushort)(_limits.HeaderCount - left);
        _lineStart = (ushort)line;
        _position = (ushort)(_phase == Phase.Done ? line + 2 : line);
        return unknown;
    }

    // One bit for each colon and each control character of the 64 bytes at start; bytes past the end have none.
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // Keeps both masks in registers.
    private static (ulong Colons, ulong Controls) ReadBlock(ref byte first, int start, int length)
    {
        // Near the end the load is taken earlier and its bits are shifted into place: never a byte past the end.
        int shift = Math.Max(0, start + BlockLength - length);
        ref byte at = ref Unsafe.Add(ref first, start - shift);
        var low = Vector256.LoadUnsafe(ref at);
        var high = Vector256.LoadUnsafe(ref at, (nuint)Vector256<byte>.Count);
        var colon = Vector256.Create((byte)':');
        ulong colons = Join(Vector256.Equals(low, colon), Vector256.Equals(high, colon));
        return (colons >> shift, Join(Controls(low), Controls(high)) >> shift);
    }

    // All but 0x21 to 0x7E, which no target has.
    private static Vector256<byte> NotTarget(Vector256<byte> bytes) =>
        Vector256.GreaterThan(bytes - Vector256.Create((byte)0x21), Vector256.Create((byte)(0x7E - 0x21)));

    private static Vector256<byte> Controls(Vector256<byte> bytes) =>
        Vector256.LessThan(bytes, Vector256.Create((byte)' ')) | Vector256.Equals(bytes, Vector256.Create((byte)0x7F));

    private static ulong Join(Vector256<byte> low, Vector256<byte> high) =>
        low.ExtractMostSignificantBits() | ((ulong)high.ExtractMostSignificantBits() << 32);
}
