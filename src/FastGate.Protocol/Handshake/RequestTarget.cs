using System.Buffers;

namespace FastGate.Protocol.Handshake;

/// <summary>Path and query of a request target (RFC 9112 section 3.2).</summary>
internal static class RequestTarget
{
    private static readonly SearchValues<byte> s_scheme =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-."u8);

    /// <summary>True for a path (origin-form) or an absolute URI; neither may have a fragment.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> target) =>
        !PathAndQuery(target).IsEmpty && !target.Contains((byte)'#');

    public static ReadOnlySpan<byte> Query(ReadOnlySpan<byte> target)
    {
        ReadOnlySpan<byte> pathAndQuery = PathAndQuery(target);
        int mark = pathAndQuery.IndexOf((byte)'?');
        return mark < 0 ? default : pathAndQuery[(mark + 1)..];
    }

    // origin-form = absolute-path [ "?" query ], absolute-form = scheme "://" authority path [ "?" query ]. The result begins with '/', or with '?'
    // when an authority has no path.
    private static ReadOnlySpan<byte> PathAndQuery(ReadOnlySpan<byte> target)
    {
        if (target.StartsWith((byte)'/'))
        {
            return target;
        }

        // scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ) (RFC 3986 section 3.1)
        int scheme = target.IndexOf("://"u8);
        if (scheme <= 0 || !char.IsAsciiLetter((char)target[0]) || target[..scheme].ContainsAnyExcept(s_scheme))
        {
            return default;
        }

        ReadOnlySpan<byte> rest = target[(scheme + 3)..];
        return rest.IndexOfAny((byte)'/', (byte)'?') switch
        {
            // The authority is empty.
            0 => default,
            < 0 => rest.IsEmpty ? default : "/"u8,
            int end => rest[end..],
        };
    }
}
