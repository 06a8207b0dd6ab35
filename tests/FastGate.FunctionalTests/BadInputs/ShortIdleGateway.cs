using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>A server with short timeouts after the handshake. No test may need a device to answer in time.</summary>
public sealed class ShortIdleGateway()
    : GatewayFixture(
        "--FastGate:Devices:Timeouts:Hello=00:00:01",
        "--FastGate:Devices:Timeouts:Idle=00:00:01",
        "--FastGate:Devices:Timeouts:IdleGrace=00:00:01",
        "--FastGate:Devices:Timeouts:Close=00:00:01");
