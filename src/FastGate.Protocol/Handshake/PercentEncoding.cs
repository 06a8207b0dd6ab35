using System.Buffers.Text;

namespace FastGate.Protocol.Handshake;

/// <summary>Decodes <c>application/x-www-form-urlencoded</c> text: <c>%XX</c>, and <c>+</c> for a space.</summary>
internal static class PercentEncoding
{
    public static bool IsNeeded(ReadOnlySpan<byte> encoded) => encoded.ContainsAny((byte)'%', (byte)'+');

    /// <summary>Decodes into <paramref name="destination"/>, which is at least as long as the source; returns the number of bytes written.</summary>
    /// <remarks>A percent sign without two hexadecimal digits is kept, as in other servers for these devices.</remarks>
    public static int Decode(ReadOnlySpan<byte> encoded, Span<byte> destination)
    {
        int written = 0;
        for (int i = 0; i < encoded.Length; i++)
        {
            byte c = encoded[i];
            if (c == '+')
            {
                c = (byte)' ';
            }
            else if (c == '%' && i + 2 < encoded.Length
                && Utf8Parser.TryParse(encoded.Slice(i + 1, 2), out byte value, out int digits, 'x') && digits == 2)
            {
                c = value;
                i += 2;
            }

            destination[written++] = c;
        }

        return written;
    }
}
