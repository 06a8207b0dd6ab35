namespace FastGate.Protocol.Handshake;

/// <summary>Path and query of a request target (RFC 9112 section 3.2).</summary>
internal static class RequestTarget
{
    /// <summary>True for a path (origin-form) or an absolute URI; neither may have a fragment.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> target) =>
        !PathAndQuery(target).IsEmpty && !target.Contains((byte)'#');

    public static ReadOnlySpan<byte> Path(ReadOnlySpan<byte> target)
    {
        ReadOnlySpan<byte> pathAndQuery = PathAndQuery(target);
        int mark = pathAndQuery.IndexOf((byte)'?');
        return mark switch
        {
            < 0 => pathAndQuery,
            0 => "/"u8,
            _ => pathAndQuery[..mark],
        };
    }

    public static ReadOnlySpan<byte> Query(ReadOnlySpan<byte> target)
    {
        ReadOnlySpan<byte> pathAndQuery = PathAndQuery(target);
        int mark = pathAndQuery.IndexOf((byte)'?');
        return mark < 0 ? default : pathAndQuery[(mark + 1)..];
    }

    // origin-form = absolute-path [ "?" query ], absolute-form = scheme "://" authority path [ "?" query ]. The result begins with '/', or with '?'
    // when an authority has no path.
    private static ReadOnlySpan<byte> PathAndQuery(ReadOnlySpan<byte> target) =>
        !target.IsEmpty && target[0] == '/' ? target : AfterAuthority(target);

    private static ReadOnlySpan<byte> AfterAuthority(ReadOnlySpan<byte> target)
    {
        int colon = target.IndexOf((byte)':');
        if (colon <= 0 || !target[colon..].StartsWith("://"u8) || !IsScheme(target[..colon]))
        {
            return default;
        }

        ReadOnlySpan<byte> rest = target[(colon + 3)..];
        int end = rest.IndexOfAny((byte)'/', (byte)'?');
        return end switch
        {
            // The authority is empty.
            0 => default,
            < 0 => rest.IsEmpty ? default : "/"u8,
            _ => rest[end..],
        };
    }

    // scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) (RFC 3986 section 3.1)
    private static bool IsScheme(ReadOnlySpan<byte> scheme)
    {
        if (!char.IsAsciiLetter((char)scheme[0]))
        {
            return false;
        }

        foreach (byte c in scheme)
        {
            if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'+' or (byte)'-' or (byte)'.'))
            {
                return false;
            }
        }

        return true;
    }
}
