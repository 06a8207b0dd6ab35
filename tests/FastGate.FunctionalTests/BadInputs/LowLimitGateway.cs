using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>A server with every limit below its default.</summary>
public sealed class LowLimitGateway()
    : GatewayFixture(
        "--FastGate:Devices:MaxConnections=3",
        "--FastGate:Devices:DuplicateDevice=Reject",
        "--FastGate:Devices:Limits:RequestLine=64",
        "--FastGate:Devices:Limits:Headers=512",
        "--FastGate:Devices:Limits:HeaderCount=10",
        "--FastGate:Devices:Limits:Frame=200",
        "--FastGate:Devices:Limits:Message=300",
        "--FastGate:Devices:Limits:Fragments=3",
        "--FastGate:Devices:Limits:OutboundFrame=50");
