using FastGate.Connections;

namespace FastGate.Http.Admin;

/// <summary>The newest first; <paramref name="Total"/> counts those that have left the ring too.</summary>
internal sealed record HandshakePage(long Total, IReadOnlyList<HandshakeRecord> Handshakes);
