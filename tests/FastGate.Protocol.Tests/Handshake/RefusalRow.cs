using FastGate.Protocol.Handshake;

namespace FastGate.Protocol.Tests.Handshake;

/// <summary>One request and the verdict it earns.</summary>
internal sealed record RefusalRow(string Clause, string Request, HandshakeError Error, int Status);
