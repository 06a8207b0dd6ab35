using System.Text;
using FastGate.Protocol.Handshake;

namespace FastGate.Flight;

/// <summary>Finds the cause behind a request that was not upgraded. Off the hot path.</summary>
internal static class RequestVerdicts
{
    private static readonly string[] s_otherPort = ["/xiaozhi/ota", "/mcp/vision", "/api/v1", "/metrics", "/openapi", "/talk"];

    private static readonly string[] s_devicePaths = ["/xiaozhi/v1"];

    private static readonly string[] s_healthPaths = ["/health", "/healthz", "/livez", "/readyz", "/live", "/ready", "/ping", "/status"];

    private static readonly string[] s_healthAgents =
        ["kube-probe", "elb-healthchecker", "googlehc", "consul", "haproxy", "route53", "uptime", "blackbox", "prometheus"];

    private static readonly string[] s_scannedTexts =
    [
        "/.env", "/.git", "/wp-", ".php", ".asp", ".jsp", "/cgi-bin", "/boaform", "/actuator", "/solr", "/hnap1", "/manager/html", "/geoserver", "/owa/",
        "/gponform", "/setup.cgi", "/shell", "/phpmyadmin", "/autodiscover", "/remote/login", "/console", "../", "%2e%2e",
    ];

    private static readonly string[] s_scannerAgents = ["zgrab", "masscan", "nmap", "censys", "shodan", "nuclei", "sqlmap", "nikto", "expanse", "internet-measurement"];

    // Headers that a proxy adds.
    private static readonly string[] s_proxyHeaders = ["via", "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "cf-ray", "x-envoy-external-address"];

    /// <summary>The verdict, and the name of the protocol or rule when the verdict has several.</summary>
    public static (Verdict Verdict, string? Detail) Of(HandshakeError error, in HandshakeRequest request, ReadOnlySpan<byte> received)
    {
        switch (error)
        {
            case HandshakeError.NotUpgrade:
                return (OfPlain(request), null);
            case HandshakeError.KeyWithoutUpgrade:
                return (OfStripped(request), null);
            case HandshakeError.UpgradeOverHttp10:
                return (Verdict.ProxyHttp10, null);
            case HandshakeError.MethodNotAllowed:
                return (OfMethod(request), HandshakeText.Render(request.Method));
            case HandshakeError.ContentLength or HandshakeError.TransferEncoding:
                return (Contains(s_otherPort, PathOf(request)) ? Verdict.WrongPort : Verdict.BodyNotAllowed, ReasonOf(error));
            case HandshakeError.RequestLineTooLong or HandshakeError.HeadersTooLarge or HandshakeError.TooManyHeaders:
                return (Verdict.RequestTooLarge, ReasonOf(error));
            case HandshakeError.RepeatedHost or HandshakeError.MissingHost or HandshakeError.MalformedHost:
                return (Verdict.BadHost, ReasonOf(error));
            case HandshakeError.MissingKey or HandshakeError.RepeatedKey or HandshakeError.MalformedKey:
                return (Verdict.BadKey, ReasonOf(error));
            case HandshakeError.MissingVersion or HandshakeError.RepeatedVersion or HandshakeError.UnsupportedVersion:
                return (Verdict.BadVersion, ReasonOf(error));
            case HandshakeError.Draining:
                return (Verdict.Draining, null);
        }

        if (FirstBytes.Find(received) is { } other)
        {
            return (other.Verdict, other.Name);
        }

        return error switch
        {
            HandshakeError.TlsClientHello => (Verdict.TlsOnPlainPort, "TLS"),
            HandshakeError.Http2Preface or HandshakeError.UnsupportedHttpVersion => (Verdict.Http2Preface, ReasonOf(error)),
            HandshakeError.ProxyHeader => (Verdict.ProxyHeaderUnexpected, null),
            HandshakeError.UnknownProtocol => (Verdict.UnknownProtocol, FirstOf(received)),
            _ => (Verdict.MalformedRequest, ReasonOf(error)),
        };
    }

    /// <summary>A request whose end never came. The detail has the count of bytes that arrived.</summary>
    public static (Verdict Verdict, string? Detail) OfIncomplete(bool timedOut, ReadOnlySpan<byte> received)
    {
        // The first bytes of another protocol may be valid so far, because it waits for an answer.
        return FirstBytes.Find(received) is { } other
            ? (other.Verdict, other.Name)
            : (timedOut ? Verdict.TooSlow : Verdict.LeftDuringRequest, received.IsEmpty ? null : $"stopped after {received.Length} bytes");
    }

    private static Verdict OfPlain(in HandshakeRequest request)
    {
        string path = PathOf(request);
        string agent = AgentOf(request);
        return Contains(s_scannedTexts, path) || Contains(s_scannerAgents, agent) ? Verdict.Scanner
            : Contains(s_healthAgents, agent) || s_healthPaths.Contains(path) ? Verdict.HealthCheck
            : Contains(s_otherPort, path) ? Verdict.WrongPort
            : HasName(request, "upgrade", "device-id", "sec-websocket-protocol", "sec-websocket-extensions") || Contains(s_devicePaths, path)
                ? HasName(request, s_proxyHeaders) && !HasName(request, "upgrade") ? Verdict.UpgradeStripped : Verdict.NoUpgradeToken
            : HandshakeRules.IsHead(request) || request.MinorVersion == 0 ? Verdict.HealthCheck
            : Verdict.PlainHttp;
    }

    private static Verdict OfStripped(in HandshakeRequest request) =>
        request.MinorVersion == 0 ? Verdict.ProxyHttp10
        : HasName(request, s_proxyHeaders) || !HasName(request, "upgrade") || !HasName(request, "connection") ? Verdict.UpgradeStripped
        : Verdict.NoUpgradeToken;

    private static Verdict OfMethod(in HandshakeRequest request)
    {
        string path = PathOf(request);
        return Contains(s_otherPort, path) ? Verdict.WrongPort
            : request.Method.SequenceEqual("CONNECT"u8) || Contains(s_scannedTexts, path) || Contains(s_scannerAgents, AgentOf(request)) ? Verdict.Scanner
            : request.Method.SequenceEqual("OPTIONS"u8) && (path == "/" || Contains(s_healthAgents, AgentOf(request))) ? Verdict.HealthCheck
            : Verdict.MethodNotAllowed;
    }

    /// <summary>In lower case and without the query, which may hold a secret.</summary>
    private static string PathOf(in HandshakeRequest request)
    {
        string target = Encoding.Latin1.GetString(request.Target);
        int query = target.IndexOf('?', StringComparison.Ordinal);
        return (query < 0 ? target : target[..query]).ToLowerInvariant();
    }

    private static string AgentOf(in HandshakeRequest request) => Encoding.Latin1.GetString(request.UserAgent).ToLowerInvariant();

    private static bool Contains(string[] parts, string text) => parts.Any(part => text.Contains(part, StringComparison.Ordinal));

    private static bool HasName(in HandshakeRequest request, params ReadOnlySpan<string> lowerCaseNames)
    {
        HeaderLineReader lines = request.Lines;
        while (lines.Read())
        {
            if (lowerCaseNames.Contains(Encoding.Latin1.GetString(lines.Name).ToLowerInvariant()))
            {
                return true;
            }
        }

        return false;
    }

    private static string ReasonOf(HandshakeError error) => Encoding.ASCII.GetString(error.Reason());

    private static string FirstOf(ReadOnlySpan<byte> received) => $"first bytes {Convert.ToHexString(received[..Math.Min(received.Length, 8)])}";
}
