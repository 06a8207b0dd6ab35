namespace FastGate.Protocol.Handshake;

/// <summary>Upper bounds of a handshake request; exactly the bound is accepted, one more is refused.</summary>
/// <param name="RequestLine">Bytes of the request line without its line end; at least 16.</param>
/// <param name="Headers">Bytes from the first header through the blank line, line ends included; at least 2.</param>
/// <param name="HeaderCount">Number of header lines; at least 1.</param>
public readonly record struct HandshakeLimits(int RequestLine, int Headers, int HeaderCount)
{
    /// <summary>The largest <see cref="RequestLine"/> and <see cref="Headers"/> may add up to: offsets are kept in 16 bits.</summary>
    public const int MaxTotal = ushort.MaxValue - 2;

    /// <summary>2 KiB, 8 KiB and 64 lines: between uWebSockets' 4 KiB of headers and Kestrel's 32 KiB, far above any device.</summary>
    public static HandshakeLimits Default => new(2 * 1024, 8 * 1024, 64);

    /// <summary>Most bytes a request within these limits has: what a caller must be able to hold.</summary>
    public int Total => RequestLine + 2 + Headers;

    /// <summary>Throws when a bound is outside its range; a bug of the caller, never of the peer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A bound is too small, or their sum too large.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(RequestLine, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(Headers, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(HeaderCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)RequestLine + Headers, MaxTotal);
    }
}
