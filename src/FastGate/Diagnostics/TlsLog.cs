using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>Log messages of TLS; event ids 7610 to 7639. They contain no key and no password.</summary>
internal static partial class TlsLog
{
    [LoggerMessage(7610, LogLevel.Information, "New connections use the changed certificate {Path} of {Subject}, valid until {NotAfter:u}")]
    public static partial void CertificateChanged(this ILogger logger, string path, string subject, DateTimeOffset notAfter);

    [LoggerMessage(7611, LogLevel.Error, "The changed certificate {Path} cannot be used: {Reason} The one before it stays in use")]
    public static partial void CertificateBroken(this ILogger logger, string path, string reason);

    [LoggerMessage(7613, LogLevel.Information, "Connections with TLS, whose keys cannot pass to the next program, were closed with 1012 for the restart: {Count}")]
    public static partial void TlsClosed(this ILogger logger, int count);

    [LoggerMessage(7612, LogLevel.Warning, "The certificate {Path} of {Subject} expires at {NotAfter:u}: renew it, and new connections use it within a second")]
    public static partial void CertificateExpires(this ILogger logger, string path, string subject, DateTimeOffset notAfter);
}
