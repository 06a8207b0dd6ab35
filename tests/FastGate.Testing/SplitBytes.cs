namespace FastGate.Testing;

/// <summary>
/// All ways a payload can arrive, which must give the same result: whole, inside a larger dirty buffer, cut in two at each offset, in unequal
/// pieces, and byte by byte.
/// </summary>
/// <remarks>
/// Each piece is in its own array between guard bytes, so that reading past a piece gives a wrong result.
/// </remarks>
internal static class SplitBytes
{
    /// <summary>Enumerates all cases for <paramref name="payload"/>; they share no memory.</summary>
    public static IEnumerable<SplitBytesCase> Of(byte[] payload)
    {
        yield return new SplitBytesCase("whole", [payload]);
        yield return new SplitBytesCase("inside a dirty buffer", [Guarded(payload, 0, payload.Length)]);
        for (int cut = 0; cut <= payload.Length; cut++)
        {
            yield return Cut(payload, cut);
        }

        yield return Pieces(payload, "byte by byte", static _ => 1);
        yield return Pieces(payload, "unequal pieces", static i => 1 + (i * 7 % 13));
    }

    /// <summary>The payload in two pieces, the first of <paramref name="offset"/> bytes; either may be empty.</summary>
    public static SplitBytesCase Cut(byte[] payload, int offset) =>
        new($"cut at {offset}", [Guarded(payload, 0, offset), Guarded(payload, offset, payload.Length - offset)]);

    /// <summary>The payload in pieces; <paramref name="sizeOf"/> gives the size of a piece by its index, at least 1.</summary>
    public static SplitBytesCase Pieces(byte[] payload, string name, Func<int, int> sizeOf)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        for (int offset = 0; offset < payload.Length;)
        {
            int size = Math.Clamp(sizeOf(pieces.Count), 1, payload.Length - offset);
            pieces.Add(Guarded(payload, offset, size));
            offset += size;
        }

        return new SplitBytesCase(name, pieces);
    }

    private static ReadOnlyMemory<byte> Guarded(byte[] payload, int offset, int length)
    {
        const int Margin = 17;
        byte[] buffer = new byte[length + (2 * Margin)];
        // Alternating guard bytes that have a meaning in a header, in a frame and in UTF-8.
        for (int i = 0; i < buffer.Length; i++)
        {
            buffer[i] = (i & 1) == 0 ? (byte)'\n' : (byte)0x81;
        }

        payload.AsSpan(offset, length).CopyTo(buffer.AsSpan(Margin));
        return buffer.AsMemory(Margin, length);
    }
}
