namespace FastGate.Protocol.Handshake;

/// <summary>Limits of a handshake request. A request at a limit is accepted.</summary>
/// <param name="RequestLine">Maximum bytes of the request line without its line end, empty lines before it included; at least 16.</param>
/// <param name="Headers">Maximum bytes from the first header through the blank line, line ends included; at least 2.</param>
/// <param name="HeaderCount">Maximum number of header lines; at least 1.</param>
public readonly record struct HandshakeLimits(int RequestLine, int Headers, int HeaderCount)
{
    /// <summary>Maximum sum of <see cref="RequestLine"/> and <see cref="Headers"/> in bytes: offsets have 16 bits.</summary>
    public const int MaxTotal = ushort.MaxValue - 2;

    /// <summary>2 KiB, 8 KiB and 64 lines: between uWebSockets' 4 KiB of headers and Kestrel's 32 KiB, far above what devices send.</summary>
    public static HandshakeLimits Default => new(2 * 1024, 8 * 1024, 64);

    /// <summary>Maximum size of a request in bytes, which a caller must be able to buffer.</summary>
    public int Total => RequestLine + 2 + Headers;

    /// <summary>Throws when a limit is outside its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A limit is too small, or their sum is too large.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(RequestLine, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(Headers, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(HeaderCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)RequestLine + Headers, MaxTotal);
    }
}
