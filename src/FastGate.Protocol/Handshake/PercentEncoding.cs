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
            else if (c == '%' && i + 2 < encoded.Length && Nibble(encoded[i + 1]) is var high and >= 0 && Nibble(encoded[i + 2]) is var low and >= 0)
            {
                c = (byte)((high << 4) | low);
                i += 2;
            }

            destination[written++] = c;
        }

        return written;
    }

    private static int Nibble(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => -1,
    };
}
