using System.Net.Security;
using System.Security.Cryptography;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Transport.Tls;
using Microsoft.Extensions.Logging;

namespace FastGate.Certificates;

/// <summary>
/// The certificates in use, and the loop that looks for changed files. A file that cannot be used leaves the certificate before it in use, with one line in
/// the log.
/// </summary>
internal sealed class CertificateStore : ITlsCertificates
{
    /// <summary>The files are a few kilobytes: to read them four times a second costs little, and no kind of replacement is missed.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>How long before its end a certificate is worth a warning.</summary>
    public static readonly TimeSpan WarnBefore = TimeSpan.FromDays(14);

    private static readonly TimeSpan s_warnAgain = TimeSpan.FromDays(1);

    private readonly IReadOnlyList<CertificateSource> _sources;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    // Owned by the loop, and by the constructor before it. The files as they were last parsed, and as they were last found broken.
    private readonly byte[]?[][] _known;
    private readonly string?[] _broken;
    private readonly DateTimeOffset[] _warned;

    private volatile ServerCertificate[] _current;

    /// <summary>Throws <see cref="CertificateException"/> for files that cannot be used.</summary>
    public CertificateStore(TlsOptions options, TimeProvider time, ILogger<CertificateStore> log)
    {
        (_sources, _time, _log) = (CertificateSource.Of(options), time, log);
        _known = new byte[_sources.Count][][];
        _broken = new string?[_sources.Count];
        _warned = new DateTimeOffset[_sources.Count];
        _current = new ServerCertificate[_sources.Count];
        for (int index = 0; index < _sources.Count; index++)
        {
            _current[index] = new ServerCertificate(_sources[index], _sources[index].Load(out byte[][] files));
            _known[index] = files;
        }

        WarnOfExpiry();
    }

    /// <summary>The end of the certificate that ends first.</summary>
    public DateTimeOffset NotAfter => _current.Min(static certificate => certificate.NotAfter);

    /// <summary>Changed files that were taken.</summary>
    public long Reloads { get; private set; }

    /// <summary>Changed files that could not be used.</summary>
    public long Failures { get; private set; }

    public SslServerAuthenticationOptions Select(in ClientHello hello)
    {
        ServerCertificate[] all = _current;
        if (all.Length == 1)
        {
            return all[0].Options;
        }

        ServerCertificate? best = null;
        foreach (ServerCertificate certificate in all)
        {
            bool isNamed = hello.ServerName is null ? certificate.Subject == all[0].Subject : certificate.HasName(hello.ServerName);
            if (isNamed && (best is null || (best.IsEcdsa != hello.AcceptsEcdsa && certificate.IsEcdsa == hello.AcceptsEcdsa)))
            {
                best = certificate;
            }
        }

        return (best ?? all[0]).Options;
    }

    /// <summary>Looks for changed files until the token is cancelled.</summary>
    public async Task WatchAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    /// <summary>One look at all files. By one thread at a time.</summary>
    public void Look()
    {
        for (int index = 0; index < _sources.Count; index++)
        {
            Look(index);
        }

        WarnOfExpiry();
    }

    private void Look(int index)
    {
        CertificateSource source = _sources[index];
        byte[][]? files = null;
        try
        {
            files = source.ReadFiles();
            if (IsSame(files, _known[index]))
            {
                _broken[index] = null;
                return;
            }

            ServerCertificate[] next = [.. _current];
            next[index] = new ServerCertificate(source, source.Parse(files));
            _current = next;
            _known[index] = files;
            _broken[index] = null;
            Reloads++;
            _log.CertificateChanged(source.Path, next[index].Subject, next[index].NotAfter);
        }
        catch (Exception exception) when (CertificateSource.IsOfFile(exception))
        {
            OnBroken(index, files, exception);
        }
    }

    /// <summary>Two files are not replaced at one moment, so that only the second look at the same broken content is worth a line.</summary>
    private void OnBroken(int index, byte[][]? files, Exception exception)
    {
        string content = files is null ? exception.GetType().Name : Convert.ToHexString(SHA256.HashData([.. files.SelectMany(static file => file)]));
        if (_broken[index] == content + "!")
        {
            return;
        }

        bool isSecond = _broken[index] == content;
        _broken[index] = isSecond ? content + "!" : content;
        if (isSecond)
        {
            Failures++;
            _log.CertificateBroken(_sources[index].Path, exception.Message);
        }
    }

    private void WarnOfExpiry()
    {
        DateTimeOffset now = _time.GetUtcNow();
        for (int index = 0; index < _current.Length; index++)
        {
            ServerCertificate certificate = _current[index];
            if (certificate.NotAfter - now < WarnBefore && now - _warned[index] >= s_warnAgain)
            {
                _warned[index] = now;
                _log.CertificateExpires(certificate.Source.Path, certificate.Subject, certificate.NotAfter);
            }
        }
    }

    private static bool IsSame(byte[][] files, byte[]?[] known)
    {
        for (int file = 0; file < files.Length; file++)
        {
            if (!files[file].AsSpan().SequenceEqual(known[file]))
            {
                return false;
            }
        }

        return true;
    }
}
