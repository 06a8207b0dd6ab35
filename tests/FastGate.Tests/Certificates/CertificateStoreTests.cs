using System.Security.Cryptography.X509Certificates;
using FastGate.Certificates;
using FastGate.Configuration.Options;
using FastGate.Testing.Conversation;
using FastGate.Testing.Tls;
using FastGate.Transport.Tls;

namespace FastGate.Tests.Certificates;

/// <summary>Certificates by name and kind of key, and files that change while the server runs.</summary>
public sealed class CertificateStoreTests : IDisposable
{
    private static readonly ClientHello s_any = new(null, AcceptsEcdsa: true, OffersTls12: true);

    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-tls-").FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger<CertificateStore> _log = new();

    private DateTimeOffset NotExpired => _time.GetUtcNow().AddDays(60);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_renamed_file_is_taken_as_acme_sh_replaces_it()
    {
        (string certificate, string key) = Create("one").WriteTo(_directory);
        CertificateStore store = Open(certificate, key);

        TestCertificate next = Create("two");
        (string newCertificate, string newKey) = next.WriteTo(_directory, "next");
        File.Move(newKey, key, overwrite: true);
        store.Look();
        File.Move(newCertificate, certificate, overwrite: true);
        store.Look();

        Assert.Equal(next.Thumbprint, ThumbprintOf(store));
        Assert.Equal((1, 0), (store.Reloads, store.Failures));
        Assert.Single(_log.WithId(7610));
    }

    [Fact]
    public void Another_target_of_a_symbolic_link_is_taken_as_certbot_replaces_it()
    {
        Create("one").WriteTo(Path.Combine(_directory, "1"));
        TestCertificate next = Create("two");
        next.WriteTo(Path.Combine(_directory, "2"));
        string live = Path.Combine(_directory, "live");
        Directory.CreateSymbolicLink(live, Path.Combine(_directory, "1"));
        CertificateStore store = Open(Path.Combine(live, "server.pem"), Path.Combine(live, "server.key"));

        Directory.Delete(live);
        store.Look();
        Directory.CreateSymbolicLink(live, Path.Combine(_directory, "2"));
        store.Look();

        Assert.Equal(next.Thumbprint, ThumbprintOf(store));
        Assert.Equal((1, 0), (store.Reloads, store.Failures));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIB")]
    [InlineData(null)]
    public void A_broken_file_keeps_the_certificate_and_is_logged_once(string? content)
    {
        TestCertificate first = Create("one");
        (string certificate, string key) = first.WriteTo(_directory);
        CertificateStore store = Open(certificate, key);

        if (content is null)
        {
            File.Delete(certificate);
        }
        else
        {
            File.WriteAllText(certificate, content);
        }

        for (int look = 0; look < 4; look++)
        {
            store.Look();
            Assert.Equal(look == 0 ? 0 : 1, store.Failures);
        }

        Assert.Equal(first.Thumbprint, ThumbprintOf(store));
        Assert.Contains(certificate, Assert.Single(_log.WithId(7611)), StringComparison.Ordinal);

        TestCertificate next = Create("two");
        next.WriteTo(_directory);
        store.Look();
        Assert.Equal(next.Thumbprint, ThumbprintOf(store));
    }

    [Fact]
    public void A_key_of_another_certificate_is_a_broken_file()
    {
        TestCertificate first = Create("one");
        (string certificate, string key) = first.WriteTo(_directory);
        CertificateStore store = Open(certificate, key);

        File.WriteAllText(key, Create("two").Key);
        store.Look();
        store.Look();

        Assert.Equal((1, first.Thumbprint), (store.Failures, ThumbprintOf(store)));
    }

    [Fact]
    public void A_certificate_is_chosen_by_name_and_ecdsa_comes_first()
    {
        TestCertificate[] all = [Create("a.example", isRsa: true), Create("a.example"), Create("*.b.example")];
        (string Certificate, string Key)[] files = [.. all.Select((certificate, index) => certificate.WriteTo(_directory, $"{index}"))];
        CertificateStore store = new(
            new TlsOptions
            {
                Certificate = files[0].Certificate,
                Key = files[0].Key,
                Certificates = [files[1].Certificate, files[2].Certificate],
                Keys = [files[1].Key, files[2].Key],
            },
            _time,
            _log);

        Assert.Equal(all[1].Thumbprint, ThumbprintOf(store, s_any with { ServerName = "a.example" }));
        Assert.Equal(all[0].Thumbprint, ThumbprintOf(store, new ClientHello("a.example", AcceptsEcdsa: false, OffersTls12: true)));
        Assert.Equal(all[2].Thumbprint, ThumbprintOf(store, s_any with { ServerName = "x.b.example" }));
        Assert.Equal(all[1].Thumbprint, ThumbprintOf(store));
        Assert.Equal(all[0].Thumbprint, ThumbprintOf(store, s_any with { ServerName = "other.example" }));
        Assert.Equal(all[0].Thumbprint, ThumbprintOf(store, s_any with { ServerName = "no name !" }));
    }

    [Fact]
    public void The_end_of_a_certificate_is_announced_once_a_day_from_14_days_before()
    {
        (string certificate, string key) = TestCertificate.Create("one", notAfter: _time.GetUtcNow().AddDays(15)).WriteTo(_directory);
        CertificateStore store = Open(certificate, key);
        Assert.Empty(_log.WithId(7612));

        _time.StepWallClock(TimeSpan.FromDays(1.5));
        store.Look();
        store.Look();
        Assert.Single(_log.WithId(7612));

        _time.StepWallClock(TimeSpan.FromDays(1));
        store.Look();
        Assert.Equal(2, _log.Count(7612));
    }

    [Fact]
    public void A_pkcs_12_file_needs_its_password_which_no_message_shows()
    {
        TestCertificate certificate = Create("one");
        string path = Path.Combine(_directory, "server.pfx");
        using (var both = X509Certificate2.CreateFromPem(certificate.Certificate, certificate.Key))
        {
            File.WriteAllBytes(path, both.Export(X509ContentType.Pkcs12, "open-sesame"));
        }

        Assert.Equal(certificate.Thumbprint, ThumbprintOf(new CertificateStore(new TlsOptions { Pfx = path, Password = "open-sesame" }, _time, _log)));
        CertificateException failure = Assert.Throws<CertificateException>(() => new CertificateStore(new TlsOptions { Pfx = path, Password = "wrong-sesame" }, _time, _log));
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", failure.Message, StringComparison.Ordinal);
    }

    private TestCertificate Create(string name, bool isRsa = false) => TestCertificate.Create(name, isRsa, NotExpired);

    private CertificateStore Open(string certificate, string key) => new(new TlsOptions { Certificate = certificate, Key = key }, _time, _log);

    private static string ThumbprintOf(CertificateStore store) => ThumbprintOf(store, s_any);

    private static string ThumbprintOf(CertificateStore store, ClientHello hello) => store.Select(hello).ServerCertificateContext!.TargetCertificate.Thumbprint;
}
