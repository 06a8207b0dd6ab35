using FastGate.Protocol.Handshake;

namespace FastGate.Connections;

/// <summary>Parser state of a request that has not arrived completely. Exists only until then.</summary>
internal sealed class HandshakeProgress(HandshakeLimits limits)
{
    public HandshakeParser Parser = new(limits);
}
