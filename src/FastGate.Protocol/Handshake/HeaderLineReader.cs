namespace FastGate.Protocol.Handshake;

/// <summary>Reads the header lines of a request in order, after the parser has accepted them. Not for the hot path.</summary>
public ref struct HeaderLineReader
{
    private ReadOnlySpan<byte> _rest;

    internal HeaderLineReader(ReadOnlySpan<byte> lines) => _rest = lines;

    /// <summary>The name of the current line, as sent.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Not public, because some values are secrets, which diagnostics must not show.</summary>
    internal ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Moves to the next line; false after the last.</summary>
    public bool Read()
    {
        // field-name ":" OWS field-value OWS CRLF (RFC 9112 section 5).
        // The parser has checked that each line has a colon and ends with CRLF.
        int end = _rest.IndexOf((byte)'\r');
        if (end < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> line = _rest[..end];
        _rest = _rest[(end + 2)..];
        int colon = line.IndexOf((byte)':');
        Name = line[..colon];
        Value = line[(colon + 1)..].Trim(" \t"u8);
        return true;
    }

    internal readonly bool Is(KnownHeader header) => HeaderNames.Match(Name) == header;
}
