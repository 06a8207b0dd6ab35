namespace FastGate.Protocol.Handshake;

/// <summary>What is agreed when an offer of permessage-deflate is accepted. The default value is no agreement.</summary>
/// <param name="WindowBits">What the client's window allows the gateway to use, 8 to 15; 0 when no offer is accepted.</param>
/// <param name="IsWindowNamed">The offer contains <c>server_max_window_bits</c>, which an answer must then name (RFC 7692 section 7.1.2.1).</param>
/// <param name="ClientWindowBits">The client's own window where the offer has a value for it, which the answer confirms; 0 without a value.</param>
public readonly record struct DeflateTerms(int WindowBits, bool IsWindowNamed, int ClientWindowBits)
{
    /// <summary>An offer is accepted.</summary>
    public bool IsAccepted => WindowBits != 0;
}
