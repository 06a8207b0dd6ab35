namespace FastGate.Protocol.Handshake;

/// <summary>Splits header lines that the parser has accepted. Not for the hot path.</summary>
internal ref struct HeaderLineReader(ReadOnlySpan<byte> lines)
{
    private ReadOnlySpan<byte> _rest = lines;

    public bool TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = default;
        value = default;
        // field-name ":" OWS field-value OWS CRLF (RFC 9112 section 5); the parser has checked that each line has a colon and ends with CRLF.
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
