namespace FastGate.Transport.Accept;

/// <summary>Decides which connects are served, before a connection has an object. Any thread; must not block or allocate.</summary>
public interface IAcceptPolicy
{
    /// <summary>How long a connect may wait for its turn: a client that has waited longer has given up.</summary>
    int LongestWaitMs { get; }

    /// <summary>
    /// Whether a connect of the address is served. A refused one is closed without an answer, and when an address is refused often, the kernel may drop
    /// its connects for a short time without a call of this method.
    /// </summary>
    /// <param name="address">An IPv4 address in its IPv6-mapped form.</param>
    /// <returns>False when the address has too many connections or connects.</returns>
    bool Admits(UInt128 address);

    /// <summary>Takes the place of one connect in the rate of all connects.</summary>
    /// <returns>0 when it may be served now; else the milliseconds until one may be served.</returns>
    int TakeTurn();

    /// <summary>Tells that the transport has closed a connect for a reason of its own.</summary>
    /// <param name="address">An IPv4 address in its IPv6-mapped form.</param>
    /// <param name="reason">The reason.</param>
    void OnClosed(UInt128 address, AcceptRefusal reason);
}
