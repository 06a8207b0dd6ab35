using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Flight;

/// <summary>A server that requires authentication.</summary>
public class CorpusGateway : GatewayFixture
{
    public const string Key = "key-of-the-corpus";

    // xunit requires a single public constructor.
    public CorpusGateway()
        : this([])
    {
    }

    protected CorpusGateway(params string[] arguments)
        : base(["--FastGate:Auth:Enabled=true", "--FastGate:Auth:Key=" + Key, "--FastGate:Auth:Tokens:0=test-token", .. arguments])
    {
    }

    /// <param name="listener">devices, http or admin.</param>
    public int PortOf(string listener) => listener switch
    {
        "http" => Gateway.HttpPort,
        "admin" => Gateway.AdminPort,
        _ => Gateway.DevicePort,
    };
}
