using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Flight;

/// <summary>A server that requires authentication and does not wait long for requests and hellos.</summary>
public sealed class CorpusGateway()
    : GatewayFixture(
        "--FastGate:Auth:Enabled=true",
        "--FastGate:Auth:Key=" + Key,
        "--FastGate:Auth:Tokens:0=test-token",
        "--FastGate:Devices:Timeouts:Handshake=00:00:02",
        "--FastGate:Devices:Timeouts:Hello=00:00:02")
{
    public const string Key = "key-of-the-corpus";

    /// <param name="listener">devices, http or admin.</param>
    public int PortOf(string listener) => listener switch
    {
        "http" => Gateway.HttpPort,
        "admin" => Gateway.AdminPort,
        _ => Gateway.DevicePort,
    };
}
