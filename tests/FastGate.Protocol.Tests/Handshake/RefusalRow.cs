using FastGate.Protocol.Handshake;

namespace FastGate.Protocol.Tests.Handshake;

/// <summary>One request with the expected error and HTTP status.</summary>
internal sealed record RefusalRow(string Clause, string Request, HandshakeError Error, int Status);
