namespace FastGate.FunctionalTests.Server;

/// <summary>Accepts permessage-deflate and compresses nearly every text.</summary>
public sealed class DeflatingGateway() : GatewayFixture("--FastGate:Devices:Deflate:Enabled=true", "--FastGate:Devices:Deflate:MinText=16");
