using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FastGate.Testing.Tls;

/// <summary>A self-signed certificate and its key as PEM texts.</summary>
public sealed record TestCertificate(string Certificate, string Key, string Thumbprint)
{
    public static TestCertificate Create(string name, bool isRsa = false, DateTimeOffset? notAfter = null)
    {
        using ECDsa? ecdsa = isRsa ? null : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using RSA? rsa = isRsa ? RSA.Create(2048) : null;
        CertificateRequest request = ecdsa is not null
            ? new CertificateRequest($"CN={name}", ecdsa, HashAlgorithmName.SHA256)
            : new CertificateRequest($"CN={name}", rsa!, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset end = notAfter ?? DateTimeOffset.UtcNow.AddDays(90);
        using X509Certificate2 certificate = request.CreateSelfSigned(end.AddDays(-100), end);
        return new TestCertificate(
            certificate.ExportCertificatePem(), ecdsa?.ExportPkcs8PrivateKeyPem() ?? rsa!.ExportPkcs8PrivateKeyPem(), certificate.Thumbprint);
    }

    /// <summary>Writes both files and returns their paths.</summary>
    public (string Certificate, string Key) WriteTo(string directory, string name = "server")
    {
        Directory.CreateDirectory(directory);
        (string certificate, string key) = (Path.Combine(directory, $"{name}.pem"), Path.Combine(directory, $"{name}.key"));
        File.WriteAllText(certificate, Certificate);
        File.WriteAllText(key, Key);
        return (certificate, key);
    }
}
