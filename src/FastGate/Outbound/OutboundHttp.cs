using System.Net.Security;

namespace FastGate.Outbound;

/// <summary>How FastGate connects to the HTTP server of a provider, and how it reads the server's address.</summary>
internal static class OutboundHttp
{
    public static SocketsHttpHandler CreateHandler(Uri address, TimeSpan connectTimeout, int maxConnections) => new()
    {
        ConnectTimeout = connectTimeout,
        // Do not read a cancelled reply to its end to reuse the connection: the provider would continue to generate and bill.
        ResponseDrainTimeout = TimeSpan.Zero,
        MaxResponseDrainSize = 0,
        MaxConnectionsPerServer = maxConnections,
        MaxResponseHeadersLength = 32,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        // Resolve the provider's address again.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = !address.IsLoopback,
    };

    /// <summary>Verifies the server's certificate, unless the operator accepts any.</summary>
    public static RemoteCertificateValidationCallback VerifyCertificate(bool acceptAny) => (_, _, _, errors) => acceptAny || errors == SslPolicyErrors.None;

    /// <summary>The address with another path, without query and fragment.</summary>
    public static Uri WithPath(Uri address, string path) => new UriBuilder(address) { Path = path, Query = "", Fragment = "" }.Uri;
}
