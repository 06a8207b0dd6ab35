using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FastGate.Protocol.Handshake;

/// <summary>Classifies 64 bytes at once: a mask with one bit per byte, the first byte in the lowest bit.</summary>
internal static class ByteBlock
{
    /// <summary>Bytes in a block: two 256-bit vectors, so that a mask fits a ulong.</summary>
    public const int Length = 64;

    /// <summary>False where masks would be slower than searches. With 128-bit vectors only (arm64, old x64) each operation becomes two, which is still faster.</summary>
    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    /// <summary>The colons and the control characters of the 64 bytes at <paramref name="start"/>; bytes past the end have no bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // Keeps both masks in registers.
    public static (ulong Colons, ulong Controls) FindColonsAndControls(ref byte first, int start, int length)
    {
        // Near the end, load earlier bytes and shift the masks into place: never read past the end.
        int shift = Math.Max(0, start + Length - length);
        ref byte at = ref Unsafe.Add(ref first, start - shift);
        var low = Vector256.LoadUnsafe(ref at);
        var high = Vector256.LoadUnsafe(ref at, (nuint)Vector256<byte>.Count);
        var colon = Vector256.Create((byte)':');
        ulong colons = Join(Vector256.Equals(low, colon), Vector256.Equals(high, colon));
        return (colons >> shift, Join(Controls(low), Controls(high)) >> shift);
    }

    /// <summary>The bytes outside 0x21 to 0x7E, which no request target contains, of the 64 bytes at <paramref name="at"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // Called once per block of the target.
    public static ulong FindTargetEnd(ref byte at) =>
        Join(NotTarget(Vector256.LoadUnsafe(ref at)), NotTarget(Vector256.LoadUnsafe(ref at, (nuint)Vector256<byte>.Count)));

    private static Vector256<byte> NotTarget(Vector256<byte> bytes) =>
        Vector256.GreaterThan(bytes - Vector256.Create((byte)0x21), Vector256.Create((byte)(0x7E - 0x21)));

    private static Vector256<byte> Controls(Vector256<byte> bytes) =>
        Vector256.LessThan(bytes, Vector256.Create((byte)' ')) | Vector256.Equals(bytes, Vector256.Create((byte)0x7F));

    private static ulong Join(Vector256<byte> low, Vector256<byte> high) =>
        low.ExtractMostSignificantBits() | ((ulong)high.ExtractMostSignificantBits() << 32);
}
