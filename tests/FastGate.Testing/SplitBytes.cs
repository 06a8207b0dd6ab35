namespace FastGate.Testing;

/// <summary>
/// Every way a payload can arrive that a parser must not notice: whole, inside a larger buffer full of other
/// bytes, cut in two at each offset, in unequal pieces, and one byte at a time.
/// </summary>
/// <remarks>
/// Each piece lives in an array of its own between guard bytes, so that reading past a piece gives a wrong answer
/// rather than the right one by luck.
/// </remarks>
internal static class SplitBytes
{
    /// <summary>Enumerates the arrivals of <paramref name="payload"/>; each is independent of the others.</summary>
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

    /// <summary>The payload in pieces whose sizes the caller names by their index; sizes below one count as one.</summary>
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
        // Alternating guards: bytes that a header, a frame and UTF-8 alike would read as something.
        for (int i = 0; i < buffer.Length; i++)
        {
            buffer[i] = (i & 1) == 0 ? (byte)'\n' : (byte)0x81;
        }

        payload.AsSpan(offset, length).CopyTo(buffer.AsSpan(Margin));
        return buffer.AsMemory(Margin, length);
    }
}
