using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace FastGate.Certificates;

/// <summary>A certificate with its key, as handshakes use it. Immutable; a changed file makes another object.</summary>
internal sealed class ServerCertificate
{
    private readonly X509Certificate2 _certificate;

    public ServerCertificate(CertificateSource source, (X509Certificate2 Certificate, X509Certificate2Collection Issuers) parsed)
    {
        Source = source;
        (X509Certificate2 certificate, X509Certificate2Collection issuers) = parsed;
        _certificate = certificate;
        using (System.Security.Cryptography.ECDsa? key = certificate.GetECDsaPublicKey())
        {
            IsEcdsa = key is not null;
        }

        // The library staples the answer of the issuer's OCSP responder, where there is one. It would also search the network for missing issuers.
        bool hasResponder = certificate.Extensions.OfType<X509AuthorityInformationAccessExtension>().Any(static access => access.EnumerateOcspUris().Any());
        var context = SslStreamCertificateContext.Create(certificate, issuers, offline: issuers.Count == 0 || !hasResponder);
        Options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = context,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
            AllowRenegotiation = false,
            AllowTlsResume = true,
        };
    }

    public CertificateSource Source { get; }

    public bool IsEcdsa { get; }

    public SslServerAuthenticationOptions Options { get; }

    public DateTimeOffset NotAfter => new(_certificate.NotAfter.ToUniversalTime());

    public string Subject => SubjectOf(_certificate);

    public static string SubjectOf(X509Certificate2 certificate) =>
        certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false) is { Length: > 0 } name ? name : certificate.Subject;

    public bool HasName(string name)
    {
        try
        {
            return _certificate.MatchesHostname(name);
        }
        catch (ArgumentException)
        {
            // The client's name is no name of a host.
            return false;
        }
    }
}
