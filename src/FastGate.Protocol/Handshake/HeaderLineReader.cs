namespace FastGate.Protocol.Handshake;

/// <summary>Walks header lines that the parser has accepted; off the hot path.</summary>
internal ref struct HeaderLineReader(ReadOnlySpan<byte> lines)
{
    private ReadOnlySpan<byte> _rest = lines;

    public bool TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = default;
        value = default;
        // The parser let only CRLF end a line and no name be without its colon.
        int end = _rest.IndexOf((byte)'\r');
        if (end < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> line = _rest[..end];
        _rest = _rest[(end + 2)..];
        int colon = line.IndexOf((byte)':');
        name = line[..colon];
        value = line[(colon + 1)..].Trim(" \t"u8);
        return true;
    }
}
