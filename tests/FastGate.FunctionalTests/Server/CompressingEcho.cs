namespace FastGate.FunctionalTests.Server;

/// <summary>A server that sends back each message and compresses all but the shortest texts.</summary>
public sealed class CompressingEcho() : GatewayFixture(
    "--FastGate:Devices:Echo=true",
    "--FastGate:Devices:Deflate:Enabled=true",
    "--FastGate:Devices:Deflate:MinText=16",
    "--FastGate:Devices:Limits:Fragments=200000");
