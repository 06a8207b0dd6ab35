namespace FastGate.Protocol.Handshake;

/// <summary>Enumerates the names of a request's header lines.</summary>
public ref struct HeaderNameEnumerator
{
    private HeaderLineReader _reader;

    internal HeaderNameEnumerator(ReadOnlySpan<byte> lines) => _reader = new HeaderLineReader(lines);

    /// <summary>The current name, as sent.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Moves to the next line; false after the last.</summary>
    public bool MoveNext()
    {
        bool read = _reader.TryRead(out ReadOnlySpan<byte> name, out _);
        Current = name;
        return read;
    }

    /// <summary>This enumerator, for <c>foreach</c>.</summary>
    public readonly HeaderNameEnumerator GetEnumerator() => this;
}
