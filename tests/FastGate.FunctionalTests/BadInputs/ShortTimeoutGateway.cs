using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>A server with short device timeouts.</summary>
public sealed class ShortTimeoutGateway()
    : GatewayFixture(
        "--FastGate:Devices:Timeouts:Handshake=00:00:01",
        "--FastGate:Devices:Timeouts:Hello=00:00:02",
        "--FastGate:Devices:Timeouts:Idle=00:00:02",
        "--FastGate:Devices:Timeouts:IdleGrace=00:00:01",
        "--FastGate:Devices:Timeouts:Close=00:00:01",
        "--FastGate:Devices:Timeouts:Write=00:00:01");
