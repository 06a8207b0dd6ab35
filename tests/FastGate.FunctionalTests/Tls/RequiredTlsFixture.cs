using FastGate.FunctionalTests.Server;
using FastGate.Testing.Tls;

namespace FastGate.FunctionalTests.Tls;

/// <summary>A server that requires TLS, with few failures for an address; loopback addresses count like any other.</summary>
public sealed class RequiredTlsFixture : GatewayFixture
{
    public const int Failures = 3;

    private static readonly string s_directory = Directory.CreateTempSubdirectory("fastgate-required-").FullName;

    public RequiredTlsFixture()
        : base(
            $"--FastGate:Devices:Tls:Certificate={Path.Combine(s_directory, "server.pem")}",
            $"--FastGate:Devices:Tls:Key={Path.Combine(s_directory, "server.key")}",
            "--FastGate:Devices:Tls:Required=true",
            $"--FastGate:Devices:Rates:FailuresPerMinute={Failures}",
            "--FastGate:Devices:Rates:Exempt:0=192.0.2.0/24")
    {
        Certificate = TestCertificate.Create("gate.example");
        Certificate.WriteTo(s_directory);
    }

    public TestCertificate Certificate { get; }
}
