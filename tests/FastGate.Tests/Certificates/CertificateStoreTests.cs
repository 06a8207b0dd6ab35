using System.Security.Cryptography;
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
    public void A_replaced_pkcs_12_file_is_taken_and_a_broken_one_is_not()
    {
        string path = WritePfx(Create("one"), "server.pfx");
        var store = new CertificateStore(new TlsOptions { Pfx = path, Password = "open-sesame" }, _time, _log);

        TestCertificate next = Create("two");
        File.Move(WritePfx(next, "next.pfx"), path, overwrite: true);
        store.Look();
        Assert.Equal(next.Thumbprint, ThumbprintOf(store));

        File.WriteAllText(path, "no certificate");
        store.Look();
        store.Look();
        Assert.Equal(next.Thumbprint, ThumbprintOf(store));
        Assert.Equal((1, 1), (store.Reloads, store.Failures));
    }

    /// <summary>Both files of a certificate, one after the other, as the watching loop of a server sees them.</summary>
    [Fact]
    public async Task A_replaced_certificate_is_in_use_within_a_second()
    {
        (string certificate, string key) = Create("one").WriteTo(_directory);
        CertificateStore store = Open(certificate, key);
        using CancellationTokenSource stop = new();
        Task watching = store.WatchAsync(stop.Token);
        DateTimeOffset replaced = _time.GetUtcNow();
        TestCertificate next = Create("two");
        (string newCertificate, string newKey) = next.WriteTo(_directory, "next");
        File.Move(newKey, key, overwrite: true);
        _time.Turn(CertificateStore.Interval);
        File.Move(newCertificate, certificate, overwrite: true);
        _time.Turn(CertificateStore.Interval);
        await _log.Logged(7610);
        await stop.CancelAsync();
        await watching;

        Assert.Equal(next.Thumbprint, ThumbprintOf(store));
        Assert.True(_time.GetUtcNow() - replaced < TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_pkcs_12_file_needs_its_password_which_no_message_shows()
    {
        TestCertificate certificate = Create("one");
        string path = WritePfx(certificate, "server.pfx");

        Assert.Equal(certificate.Thumbprint, ThumbprintOf(new CertificateStore(new TlsOptions { Pfx = path, Password = "open-sesame" }, _time, _log)));
        CertificateException failure = Assert.Throws<CertificateException>(() => new CertificateStore(new TlsOptions { Pfx = path, Password = "wrong-sesame" }, _time, _log));
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_check_names_the_option_whose_file_cannot_be_used()
    {
        TestCertificate first = Create("one");
        (string certificate, string key) = first.WriteTo(_directory);
        string absent = Path.Combine(_directory, "absent");
        string text = Path.Combine(_directory, "text");
        File.WriteAllText(text, "no certificate");
        string other = Create("two").WriteTo(_directory, "two").Key;
        string encrypted = Path.Combine(_directory, "encrypted.key");
        string pfx = Path.Combine(_directory, "server.pfx");
        using (var both = X509Certificate2.CreateFromPem(first.Certificate, first.Key))
        {
            var cost = new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, iterationCount: 1);
            File.WriteAllText(encrypted, both.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem("open-sesame", cost));
            File.WriteAllBytes(pfx, both.Export(X509ContentType.Pkcs12, "open-sesame"));
        }

        AssertUnusable("Certificate", absent, new TlsOptions { Certificate = absent, Key = key });
        AssertUnusable("Certificate", text, new TlsOptions { Certificate = text, Key = key });
        AssertUnusable("Certificate", certificate, new TlsOptions { Certificate = certificate });
        AssertUnusable("Key", absent, new TlsOptions { Certificate = certificate, Key = absent });
        AssertUnusable("Key", text, new TlsOptions { Certificate = certificate, Key = text });
        AssertUnusable("Key", other, new TlsOptions { Certificate = certificate, Key = other });
        AssertUnusable("Key or FastGate:Devices:Tls:Password", encrypted, new TlsOptions { Certificate = certificate, Key = encrypted, Password = "wrong-sesame" });
        AssertUnusable("Pfx or FastGate:Devices:Tls:Password", pfx, new TlsOptions { Pfx = pfx, Password = "wrong-sesame" });
        AssertUnusable("Pfx", absent, new TlsOptions { Pfx = absent });
        AssertUnusable("Keys:1", absent, new TlsOptions { Certificate = certificate, Key = key, Certificates = [certificate, certificate], Keys = [key, absent] });
        AssertUnusable("Certificates:0", absent, new TlsOptions { Certificate = certificate, Key = key, Certificates = [absent] });
        Assert.Empty(Check(new TlsOptions { Certificate = certificate, Key = encrypted, Password = "open-sesame" }).Failures);
        Assert.Empty(Check(new TlsOptions { Pfx = pfx, Password = "open-sesame" }).Failures);
    }

    [Theory]
    [InlineData(-1, "ended")]
    [InlineData(13, "ends")]
    [InlineData(15, null)]
    public void The_check_warns_of_a_certificate_that_ends_within_14_days(int days, string? word)
    {
        (string certificate, string key) = TestCertificate.Create("one", notAfter: _time.GetUtcNow().AddDays(days)).WriteTo(_directory);

        (IReadOnlyList<string> failures, IReadOnlyList<string> warnings) = Check(new TlsOptions { Certificate = certificate, Key = key });

        Assert.Empty(failures);
        Assert.Equal(word is null ? 0 : 1, warnings.Count);
        Assert.All(warnings, warning => Assert.StartsWith($"FastGate:Devices:Tls:Certificate: the certificate for one {word} on ", warning, StringComparison.Ordinal));
    }

    private void AssertUnusable(string option, string path, TlsOptions options)
    {
        string failure = Assert.Single(Check(options).Failures);
        Assert.StartsWith($"FastGate:Devices:Tls:{option}: the certificate ", failure, StringComparison.Ordinal);
        Assert.Contains(path, failure, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", failure, StringComparison.Ordinal);
        Assert.Equal(failure, Assert.Throws<CertificateException>(() => new CertificateStore(options, _time, _log)).Message);
    }

    private (IReadOnlyList<string> Failures, IReadOnlyList<string> Warnings) Check(TlsOptions options)
    {
        List<string> failures = [];
        List<string> warnings = [];
        CertificateCheck.Find(options, _time.GetUtcNow(), failures, warnings);
        return (failures, warnings);
    }

    private TestCertificate Create(string name, bool isRsa = false) => TestCertificate.Create(name, isRsa, NotExpired);

    private string WritePfx(TestCertificate certificate, string file)
    {
        string path = Path.Combine(_directory, file);
        using var both = X509Certificate2.CreateFromPem(certificate.Certificate, certificate.Key);
        File.WriteAllBytes(path, both.Export(X509ContentType.Pkcs12, "open-sesame"));
        return path;
    }

    private CertificateStore Open(string certificate, string key) => new(new TlsOptions { Certificate = certificate, Key = key }, _time, _log);

    private static string ThumbprintOf(CertificateStore store) => ThumbprintOf(store, s_any);

    private static string ThumbprintOf(CertificateStore store, ClientHello hello) => store.Select(hello).ServerCertificateContext!.TargetCertificate.Thumbprint;
}
