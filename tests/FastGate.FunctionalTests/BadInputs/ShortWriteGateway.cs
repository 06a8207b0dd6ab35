using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>A server that does not wait long for a device that does not read.</summary>
public sealed class ShortWriteGateway() : GatewayFixture("--FastGate:Devices:Timeouts:Write=00:00:01");
