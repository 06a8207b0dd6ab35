namespace FastGate.Protocol.Handshake;

/// <summary>Enumerates the values of all lines of one known header.</summary>
internal ref struct HeaderValueEnumerator(ReadOnlySpan<byte> lines, KnownHeader header)
{
    private HeaderLineReader _reader = new(lines);

    public ReadOnlySpan<byte> Current { get; private set; }

    public bool MoveNext()
    {
        while (_reader.TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
        {
            if (HeaderNames.Match(name) == header)
            {
                Current = value;
                return true;
            }
        }

        return false;
    }

    public readonly HeaderValueEnumerator GetEnumerator() => this;
}
