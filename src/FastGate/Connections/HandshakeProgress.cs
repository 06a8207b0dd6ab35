using FastGate.Protocol.Handshake;

namespace FastGate.Connections;

/// <summary>Where the parser stopped in a request that did not arrive whole; gone as soon as it has.</summary>
internal sealed class HandshakeProgress(HandshakeLimits limits)
{
    public HandshakeParser Parser = new(limits);
}
