using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using FastGate.Configuration.Options;

namespace FastGate.Certificates;

/// <summary>Opens the files of the options as a start would, without using them.</summary>
internal static class CertificateCheck
{
    /// <summary>Adds what prevents a start, and which certificates have ended or end soon; each line begins with the key of an option.</summary>
    public static void Find(TlsOptions options, DateTimeOffset now, List<string> failures, List<string> warnings)
    {
        foreach (CertificateSource source in CertificateSource.Of(options))
        {
            try
            {
                using X509Certificate2 certificate = source.Load(out _).Certificate;
                DateTimeOffset end = certificate.NotAfter;
                if (end - now < CertificateStore.WarnBefore)
                {
                    warnings.Add(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{source.Option}: the certificate for {ServerCertificate.SubjectOf(certificate)} {(end <= now ? "ended" : "ends")} on {end.UtcDateTime:yyyy-MM-dd}"));
                }
            }
            catch (CertificateException exception)
            {
                failures.Add(exception.Message);
            }
        }
    }
}
