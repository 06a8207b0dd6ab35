using FastGate.FunctionalTests.Server;
using FastGate.Testing.Tls;

namespace FastGate.FunctionalTests.Tls;

/// <summary>A server with TLS: an ECDSA certificate for gate.example and an RSA certificate for other.example.</summary>
public sealed class TlsFixture : GatewayFixture
{
    private static readonly DirectoryInfo s_directory = Directory.CreateTempSubdirectory("fastgate-tls-");

    public TlsFixture()
        : base(
            $"--FastGate:Devices:Tls:Certificate={Of("server.pem")}",
            $"--FastGate:Devices:Tls:Key={Of("server.key")}",
            $"--FastGate:Devices:Tls:Certificates:0={Of("other.pem")}",
            $"--FastGate:Devices:Tls:Keys:0={Of("other.key")}") =>
        (First, Other) = (Create("gate.example", isRsa: false, "server"), Create("other.example", isRsa: true, "other"));

    public TestCertificate First { get; }

    public TestCertificate Other { get; }

    public static string Of(string file) => Path.Combine(s_directory.FullName, file);

    public static TestCertificate Create(string name, bool isRsa, string file)
    {
        var certificate = TestCertificate.Create(name, isRsa);
        certificate.WriteTo(s_directory.FullName, file);
        return certificate;
    }
}
