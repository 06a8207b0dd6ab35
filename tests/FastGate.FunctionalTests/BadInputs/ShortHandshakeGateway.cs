using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>A server with a short handshake timeout. No test may need a handshake to succeed.</summary>
public sealed class ShortHandshakeGateway() : GatewayFixture("--FastGate:Devices:Timeouts:Handshake=00:00:01");
