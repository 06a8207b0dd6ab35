using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>A server that warns idle devices soon, waits long for their answer, and does not wait for a device that does not read.</summary>
public sealed class ShortWriteGateway()
    : GatewayFixture(
        "--FastGate:Devices:Timeouts:Idle=00:00:01",
        "--FastGate:Devices:Timeouts:IdleGrace=00:05:00",
        "--FastGate:Devices:Timeouts:Write=00:00:01");
