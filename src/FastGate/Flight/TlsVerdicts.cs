using FastGate.Protocol.Handshake;
using FastGate.Transport.Tls;

namespace FastGate.Flight;

/// <summary>Finds the cause behind a TLS handshake that was not completed.</summary>
internal static class TlsVerdicts
{
    private const int MostDetail = 160;

    public static Verdict Of(TlsPipe tls, bool timedOut) => tls switch
    {
        { IsOpen: true } => timedOut ? Verdict.TooSlow : Verdict.NothingSent,
        { Failure: TlsFailure.OldVersion } => Verdict.TlsVersion,
        { Failure: TlsFailure.Refused } => Verdict.TlsBusy,
        { Failure: TlsFailure.LeftAfterCertificate } => Verdict.TlsCertificate,
        { Failure: TlsFailure.Failed, FailureDetail: { } detail } when IsOfCertificate(detail) => Verdict.TlsCertificate,
        { Failure: TlsFailure.Failed or TlsFailure.NotTls or TlsFailure.TooMuch } => Verdict.TlsFailed,
        _ => timedOut ? Verdict.TooSlow : Verdict.LeftDuringRequest,
    };

    /// <summary>The name that the client asked for, and the words of the library.</summary>
    public static string? DetailOf(TlsPipe tls)
    {
        string? name = tls.ServerName is null ? null : $"server name {HandshakeText.Render(System.Text.Encoding.ASCII.GetBytes(tls.ServerName))}";
        string? words = tls.FailureDetail is { } detail ? detail[..Math.Min(detail.Length, MostDetail)] : tls.Failure == TlsFailure.LeftAfterCertificate ? "the client left within the handshake"
            : tls.Failure == TlsFailure.None ? "within the TLS handshake" : null;
        return name is null ? words : words is null ? name : $"{name}; {words}";
    }

    /// <summary>The alerts of a client that does not accept the certificate.</summary>
    private static bool IsOfCertificate(string detail) =>
        detail.Contains("alert unknown ca", StringComparison.Ordinal) || (detail.Contains("alert", StringComparison.Ordinal) && detail.Contains("certificate", StringComparison.Ordinal));
}
