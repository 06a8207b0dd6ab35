using System.Diagnostics.Metrics;
using FastGate.Certificates;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Http.Server;
using FastGate.Transport.Tls;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <content>TLS of the device port and the public HTTP port.</content>
internal sealed partial class GatewayHost
{
    private CertificateStore? _certificates;

    /// <summary>Null without a certificate. Throws <see cref="InvalidConfigurationException"/> for files that cannot be used.</summary>
    private TlsServer? CreateTls(IMeterFactory meters, ILoggerFactory logs, TimeProvider time)
    {
        TlsOptions options = _options.Devices.Tls;
        if (!options.IsOn)
        {
            return null;
        }

        CertificateStore certificates;
        try
        {
            certificates = _certificates = new CertificateStore(options, time, logs.CreateLogger<CertificateStore>());
        }
        catch (CertificateException exception)
        {
            throw new InvalidConfigurationException([exception.Message]);
        }

        var server = new TlsServer(certificates, options.Concurrency == 0 ? Environment.ProcessorCount : options.Concurrency, options.Handshakes);
        TlsMetrics.Create(meters, server, () => (certificates.NotAfter - time.GetUtcNow()).TotalSeconds, () => certificates.Reloads, () => certificates.Failures);
        return server;
    }

    /// <summary>Null without a certificate. It shares everything with the device port.</summary>
    private HttpTls? CreateHttpTls() => _connections.Tls is { } server
        ? new HttpTls(server, _connections.Limits, _fleet.Bans, _connections.Peers) { IsRequired = _options.Devices.Tls.Required }
        : null;
}
