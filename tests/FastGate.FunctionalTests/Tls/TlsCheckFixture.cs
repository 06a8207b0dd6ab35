using FastGate.FunctionalTests.Server;
using FastGate.Testing.Tls;

namespace FastGate.FunctionalTests.Tls;

/// <summary>A server with an RSA and an ECDSA certificate of one name, an RSA certificate of another, and a responder for the ECDSA certificate.</summary>
public sealed class TlsCheckFixture : GatewayFixture, IAsyncLifetime
{
    public static readonly string Folder = Directory.CreateTempSubdirectory("fastgate-tls-check-").FullName;

    private static readonly int s_responderPort = FreePort.Next();

    private OcspResponder? _responder;

    public TlsCheckFixture()
        : base(
            $"--FastGate:Devices:Tls:Certificate={Of("rsa.pem")}",
            $"--FastGate:Devices:Tls:Key={Of("rsa.key")}",
            $"--FastGate:Devices:Tls:Certificates:0={Of("issued.pem")}",
            $"--FastGate:Devices:Tls:Keys:0={Of("issued.key")}",
            $"--FastGate:Devices:Tls:Certificates:1={Of("other.pem")}",
            $"--FastGate:Devices:Tls:Keys:1={Of("other.key")}")
    {
    }

    /// <summary>Of the device listener and the public HTTP listener.</summary>
    public int[] Ports => [Gateway.DevicePort, Gateway.HttpPort];

    async Task IAsyncLifetime.InitializeAsync()
    {
        TestCertificate.Create("gate.example", isRsa: true).WriteTo(Folder, "rsa");
        TestCertificate.Create("other.example", isRsa: true).WriteTo(Folder, "other");
        _responder = await OcspResponder.StartAsync(Folder, s_responderPort, "gate.example");
        await InitializeAsync();
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        _responder?.Dispose();
    }

    private static string Of(string file) => Path.Combine(Folder, file);
}
