using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FastGate.Configuration.Options;

namespace FastGate.Certificates;

/// <summary>The files of one certificate: PEM with its key in the same or another file, or PKCS #12.</summary>
internal sealed record CertificateSource(string Path, string? KeyPath, string? Password, bool IsPfx)
{
    private const int LargestFile = 1024 * 1024;

    /// <summary>The certificates of the options, the default one first.</summary>
    public static IReadOnlyList<CertificateSource> Of(TlsOptions options) =>
    [
        .. options.Certificate is { } path ? [new CertificateSource(path, options.Key, options.Password, IsPfx: false)] : (CertificateSource[])[],
        .. options.Pfx is { } pfx ? [new CertificateSource(pfx, null, options.Password, IsPfx: true)] : (CertificateSource[])[],
        .. options.Certificates.Select((further, index) => new CertificateSource(further, options.Keys.ElementAtOrDefault(index), null, IsPfx: false)),
    ];

    /// <summary>The content of the files, which shows a change however the files were replaced: renamed, written in place or behind another symbolic link.</summary>
    public byte[][] ReadFiles() => KeyPath is null ? [Read(Path)] : [Read(Path), Read(KeyPath)];

    /// <summary>Throws <see cref="CryptographicException"/> for files that are no certificate with its key.</summary>
    public ServerCertificate Parse(byte[][] files)
    {
        X509Certificate2Collection issuers = [];
        X509Certificate2 certificate;
        if (IsPfx)
        {
            issuers = X509CertificateLoader.LoadPkcs12Collection(files[0], Password, X509KeyStorageFlags.EphemeralKeySet);
            certificate = issuers.FirstOrDefault(static one => one.HasPrivateKey) ?? throw new CryptographicException("The file has no certificate with a private key.");
            issuers.Remove(certificate);
        }
        else
        {
            string pem = Encoding.ASCII.GetString(files[0]);
            string key = Encoding.ASCII.GetString(files[^1]);
            certificate = key.Contains("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal)
                ? X509Certificate2.CreateFromEncryptedPem(pem, key, Password)
                : X509Certificate2.CreateFromPem(pem, key);
            issuers.ImportFromPem(pem);
            issuers.RemoveAt(0);
        }

        return new ServerCertificate(this, certificate, issuers);
    }

    public override string ToString() => KeyPath is null ? Path : $"{Path} with the key {KeyPath}";

    private static byte[] Read(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (file.Length > LargestFile)
        {
            throw new IOException($"{path} is larger than a certificate.");
        }

        byte[] content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }
}
