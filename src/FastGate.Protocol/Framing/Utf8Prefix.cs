using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace FastGate.Protocol.Framing;

/// <summary>
/// Validates text that arrives in pieces (RFC 6455 section 8.1, RFC 3629). An invalid byte is detected at once; of a code point that is incomplete
/// at the end of a piece, at most three bytes are validated again.
/// </summary>
internal static class Utf8Prefix
{
    private const int MaxIncomplete = 3;

    /// <summary>Whether the bytes are valid UTF-8, except that the last code point may be incomplete.</summary>
    /// <param name="bytes">Text that starts at a code point boundary.</param>
    /// <param name="complete">When true, the length of the complete code points in bytes; 0 to 3 bytes of an incomplete one follow.</param>
    public static bool IsValid(ReadOnlySpan<byte> bytes, out int complete)
    {
        complete = bytes.Length;
        if (bytes.IsEmpty || bytes[^1] < 0x80)
        {
            return Utf8.IsValid(bytes);
        }

        complete -= IncompleteLength(bytes);
        if (complete == bytes.Length)
        {
            return Utf8.IsValid(bytes);
        }

        return Utf8.IsValid(bytes[..complete])
            && Rune.DecodeFromUtf8(bytes[complete..], out _, out _) == OperationStatus.NeedMoreData;
    }

    /// <summary>Reference implementation of <see cref="IsValid"/>, byte by byte by RFC 3629 section 4; tests compare the two.</summary>
    internal static bool IsValidScalar(ReadOnlySpan<byte> bytes, out int complete)
    {
        complete = 0;
        int missing = 0;
        byte low = 0x80;
        byte high = 0xBF;
        for (int i = 0; i < bytes.Length; i++)
        {
            byte value = bytes[i];
            if (missing > 0)
            {
                if (value < low || value > high)
                {
                    return false;
                }

                missing--;
                (low, high) = (0x80, 0xBF);
            }
            else
            {
                switch (value)
                {
                    case < 0x80:
                        break;
                    case >= 0xC2 and <= 0xDF:
                        missing = 1;
                        break;
                    case >= 0xE0 and <= 0xEF:
                        missing = 2;
                        low = value == 0xE0 ? (byte)0xA0 : (byte)0x80;
                        high = value == 0xED ? (byte)0x9F : (byte)0xBF;
                        break;
                    case >= 0xF0 and <= 0xF4:
                        missing = 3;
                        low = value == 0xF0 ? (byte)0x90 : (byte)0x80;
                        high = value == 0xF4 ? (byte)0x8F : (byte)0xBF;
                        break;
                    default:
                        return false;
                }
            }

            if (missing == 0)
            {
                complete = i + 1;
            }
        }

        return true;
    }

    /// <summary>Length of the incomplete code point at the end in bytes; 0 when there is none.</summary>
    private static int IncompleteLength(ReadOnlySpan<byte> bytes)
    {
        int max = Math.Min(MaxIncomplete, bytes.Length);
        for (int back = 1; back <= max; back++)
        {
            byte value = bytes[^back];
            if ((value & 0xC0) != 0x80)
            {
                int size = value switch
                {
                    < 0xC0 => 1,
                    < 0xE0 => 2,
                    < 0xF0 => 3,
                    _ => 4,
                };
                return size > back ? back : 0;
            }
        }

        return 0;
    }
}
