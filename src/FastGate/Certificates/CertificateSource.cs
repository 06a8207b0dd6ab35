using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FastGate.Configuration.Options;

namespace FastGate.Certificates;

/// <summary>The files of one certificate: PEM with its key in the same or another file, or PKCS #12.</summary>
/// <param name="Option">The key of the option that names <paramref name="Path"/>.</param>
/// <param name="Path">The certificate.</param>
/// <param name="KeyOption">The key of the option that names <paramref name="KeyPath"/>.</param>
/// <param name="KeyPath">The private key; null when it is in the file of the certificate.</param>
/// <param name="Password">Of the private key.</param>
/// <param name="IsPfx">Whether it is PKCS #12.</param>
internal sealed record CertificateSource(string Option, string Path, string KeyOption, string? KeyPath, string? Password, bool IsPfx)
{
    private const int LargestFile = 1024 * 1024;
    private const string Section = "FastGate:Devices:Tls:";
    private const string PasswordOption = Section + nameof(TlsOptions.Password);

    /// <summary>The certificates of the options, the default one first.</summary>
    public static IReadOnlyList<CertificateSource> Of(TlsOptions options)
    {
        List<CertificateSource> sources = [];
        if (options.Certificate is { } path)
        {
            string option = Section + nameof(TlsOptions.Certificate);
            string keyOption = options.Key is null ? option : Section + nameof(TlsOptions.Key);
            sources.Add(new CertificateSource(option, path, keyOption, options.Key, options.Password, IsPfx: false));
        }

        if (options.Pfx is { } pfx)
        {
            string option = Section + nameof(TlsOptions.Pfx);
            sources.Add(new CertificateSource(option, pfx, option, null, options.Password, IsPfx: true));
        }

        for (int index = 0; index < options.Certificates.Count; index++)
        {
            string option = $"{Section}{nameof(TlsOptions.Certificates)}:{index}";
            string? key = options.Keys.ElementAtOrDefault(index);
            string keyOption = key is null ? option : $"{Section}{nameof(TlsOptions.Keys)}:{index}";
            sources.Add(new CertificateSource(option, options.Certificates[index], keyOption, key, null, IsPfx: false));
        }

        return sources;
    }

    /// <summary>Whether the exception says that a file cannot be used, and is not a defect.</summary>
    public static bool IsOfFile(Exception exception) => exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    /// <summary>Reads and parses the files. Throws <see cref="CertificateException"/>, which names the option of the file that cannot be used.</summary>
    public (X509Certificate2 Certificate, X509Certificate2Collection Issuers) Load(out byte[][] files)
    {
        string option = Option;
        try
        {
            byte[] content = Read(Path);
            if (!IsPfx)
            {
                X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(content)).Dispose();
            }

            option = KeyOption;
            files = KeyPath is null ? [content] : [content, Read(KeyPath)];
            option = IsPfx || IsEncrypted(files[^1]) ? $"{KeyOption} or {PasswordOption}" : KeyOption;
            return Parse(files);
        }
        catch (Exception exception) when (IsOfFile(exception))
        {
            throw new CertificateException($"{option}: the certificate {this} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>The content of the files, which shows a change however the files were replaced: renamed, written in place or behind another symbolic link.</summary>
    public byte[][] ReadFiles() => KeyPath is null ? [Read(Path)] : [Read(Path), Read(KeyPath)];

    /// <summary>Throws <see cref="CryptographicException"/> for files that are no certificate with its key.</summary>
    public (X509Certificate2 Certificate, X509Certificate2Collection Issuers) Parse(byte[][] files)
    {
        X509Certificate2Collection issuers = [];
        if (IsPfx)
        {
            issuers = X509CertificateLoader.LoadPkcs12Collection(files[0], Password, X509KeyStorageFlags.EphemeralKeySet);
            X509Certificate2 own = issuers.FirstOrDefault(static one => one.HasPrivateKey)
                ?? throw new CryptographicException("The file has no certificate with a private key.");
            issuers.Remove(own);
            return (own, issuers);
        }

        string pem = Encoding.ASCII.GetString(files[0]);
        string key = Encoding.ASCII.GetString(files[^1]);
        issuers.ImportFromPem(pem);
        X509Certificate2 certificate = IsEncrypted(files[^1])
            ? X509Certificate2.CreateFromEncryptedPem(pem, key, Password)
            : X509Certificate2.CreateFromPem(pem, key);
        issuers.RemoveAt(0);
        return (certificate, issuers);
    }

    public override string ToString() => KeyPath is null ? Path : $"{Path} with the key {KeyPath}";

    private static bool IsEncrypted(byte[] key) => key.AsSpan().IndexOf("ENCRYPTED PRIVATE KEY"u8) >= 0;

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
