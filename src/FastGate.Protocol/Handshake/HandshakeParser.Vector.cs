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

    private static uint CrLf => BitConverter.IsLittleEndian ? 0x0A0Du : 0x0D0Au;

    private static uint CrLfCrLf => CrLf | (CrLf << 16);

    private static uint FirstTwo(uint four) => BitConverter.IsLittleEndian ? four & 0xFFFF : four >> 16;

    /// <summary>
    /// Takes header lines, and the blank line after them, while they are whole, well-formed and within the limits; stops before the first that
    /// is not. Called only at a line's first byte, so that a line that arrives in pieces is not scanned again for each.
    /// </summary>
    /// <remarks>
    /// The masks of a block do not depend on where lines begin, so the processor computes the next while it walks this one's bits; a search
    /// for each name and value would wait for the one before.
    /// </remarks>
    private void TakeWholeLines(ReadOnlySpan<byte> data)
    {
        ref var first = ref MemoryMarshal.GetReference(data);
        int line = _lineStart;
        int count = _headerCount;
        var block = line;
        var (colons, controls) = ReadBlock(ref first, block, data.Length);
        while (count < _limits.HeaderCount)
        {
            // The name: up to the first colon, and no control character before that.
            while (colons == 0 && controls == 0 && block + BlockLength < data.Length)
            {
                block += BlockLength;
                (colons, controls) = ReadBlock(ref first, block, data.Length);
            }

            if (colons == 0 || (controls & (colons ^ (colons - 1))) != 0)
            {
                break;
            }

            var nameEnd = block + BitOperations.TrailingZeroCount(colons);

            // The value: up to the first control character, colons or not. Only CR LF is for here; a tab is rare.
            while (controls == 0 && block + BlockLength < data.Length)
            {
                block += BlockLength;
                (colons, controls) = ReadBlock(ref first, block, data.Length);
            }

            var bit = BitOperations.TrailingZeroCount(controls);
            var end = block + bit;
            if (controls == 0 || end + 4 > data.Length)
            {
                break;
            }

            var lineEnd = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, end));
            if (FirstTwo(lineEnd) != CrLf || !TakeLine(ref first, line, nameEnd, end))
            {
                break;
            }

            count++;
            line = end + 2;
            if (lineEnd == CrLfCrLf)
            {
                _phase = Phase.Done;
                break;
            }

            // Forget all bits of this line; its LF may be the next block's first byte.
            if (bit + 2 < BlockLength)
            {
                var rest = ulong.MaxValue << (bit + 2);
                colons &= rest;
                controls &= rest;
            }
            else
            {
                block = line;
                (colons, controls) = ReadBlock(ref first, block, data.Length);
            }
        }

        _headerCount = (ushort)count;
        _lineStart = (ushort)line;
        _position = (ushort)(_phase == Phase.Done ? line + 2 : line);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // Once a line, and the arguments are all in registers.
    private bool TakeLine(ref byte first, int line, int nameEnd, int end)
    {
        var known = nameEnd >= HeaderNames.BytesBeforeColon
            ? HeaderNames.MatchLine(ref Unsafe.Add(ref first, nameEnd), nameEnd - line)
            : KnownHeader.Unknown;
        if (known == KnownHeader.Unknown)
        {
            return TakeLineSlow(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref first, line), nameEnd - line), nameEnd, end);
        }

        Remember(known, nameEnd + 1, end);
        return true;
    }

    // A header nobody asked for, or the first one behind a very short request line.
    [MethodImpl(MethodImplOptions.NoInlining)] // Its calls would spill the loop's registers.
    private bool TakeLineSlow(ReadOnlySpan<byte> name, int nameEnd, int end)
    {
        var known = HeaderNames.Match(name);
        if (known == KnownHeader.Unknown)
        {
            return !name.IsEmpty && !name.ContainsAnyExcept(HeaderNames.TokenCharacters);
        }

        Remember(known, nameEnd + 1, end);
        return true;
    }

    // One bit for each colon and each control character of the 64 bytes at start; bytes past the end have none.
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // Keeps both masks in registers.
    private static (ulong Colons, ulong Controls) ReadBlock(ref byte first, int start, int length)
    {
        // Near the end the load is taken earlier and its bits are shifted into place: never a byte past the end.
        var shift = Math.Max(0, start + BlockLength - length);
        ref var at = ref Unsafe.Add(ref first, start - shift);
        var low = Vector256.LoadUnsafe(ref at);
        var high = Vector256.LoadUnsafe(ref at, (nuint)Vector256<byte>.Count);
        var colon = Vector256.Create((byte)':');
        var colons = Join(Vector256.Equals(low, colon), Vector256.Equals(high, colon));
        return (colons >> shift, Join(Controls(low), Controls(high)) >> shift);
    }

    private static Vector256<byte> Controls(Vector256<byte> bytes) =>
        Vector256.LessThan(bytes, Vector256.Create((byte)' ')) | Vector256.Equals(bytes, Vector256.Create((byte)0x7F));

    private static ulong Join(Vector256<byte> low, Vector256<byte> high) =>
        low.ExtractMostSignificantBits() | ((ulong)high.ExtractMostSignificantBits() << 32);
}
