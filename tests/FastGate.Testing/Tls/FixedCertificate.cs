using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using FastGate.Transport.Tls;

namespace FastGate.Testing.Tls;

/// <summary>One certificate for all clients.</summary>
internal sealed class FixedCertificate : ITlsCertificates
{
    private readonly SslServerAuthenticationOptions _options;

    public FixedCertificate()
    {
        var certificate = TestCertificate.Create("gate");
        _options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPem(certificate.Certificate, certificate.Key), null, offline: true),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
    }

    /// <summary>What the last client said.</summary>
    public ClientHello Last { get; private set; }

    public SslServerAuthenticationOptions Select(in ClientHello hello)
    {
        Last = hello;
        return _options;
    }
}
