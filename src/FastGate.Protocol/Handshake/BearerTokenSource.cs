namespace FastGate.Protocol.Handshake;

/// <summary>Where the bearer token came from.</summary>
public enum BearerTokenSource : byte
{
    /// <summary>There is no token.</summary>
    None = 0,

    /// <summary>The <c>Authorization</c> header.</summary>
    Header = 1,

    /// <summary>The query key <c>authorization</c>: for browsers, which cannot set headers.</summary>
    Query = 2,
}
