namespace FastGate.Llm.Providers;

/// <summary>Finds where JSON values end that arrive in pieces, by counting brackets outside of strings.</summary>
internal struct JsonEnd
{
    private int _depth;
    private bool _inString;
    private bool _escaped;

    /// <summary>True when no bracket and no string is open after the piece.</summary>
    public bool Scan(ReadOnlySpan<byte> piece)
    {
        foreach (byte c in piece)
        {
            if (_escaped)
            {
                _escaped = false;
            }
            else if (_inString)
            {
                _escaped = c == (byte)'\\';
                _inString = c != (byte)'"';
            }
            else
            {
                _inString = c == (byte)'"';
                _depth += c is (byte)'{' or (byte)'[' ? 1 : c is (byte)'}' or (byte)']' ? -1 : 0;
            }
        }

        return _depth <= 0 && !_inString;
    }
}
