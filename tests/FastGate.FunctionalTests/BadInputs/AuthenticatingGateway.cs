using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>A server that requires authentication.</summary>
public sealed class AuthenticatingGateway()
    : GatewayFixture(
        "--FastGate:Auth:Enabled=true",
        "--FastGate:Auth:Key=" + Key,
        "--FastGate:Auth:Tokens:0=static-token",
        "--FastGate:Auth:AllowedDevices:0=AA:00:00:00:00:01")
{
    public const string Key = "key-of-the-test";
}
