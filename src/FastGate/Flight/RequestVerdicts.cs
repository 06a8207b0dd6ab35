using System.Text;
using FastGate.Protocol.Handshake;

namespace FastGate.Flight;

/// <summary>Finds the cause behind a request that was not upgraded. The verdicts allocate nothing (FlightFloodTests), because a flood gets them too; the details do.</summary>
internal static class RequestVerdicts
{
    // Headers that a proxy adds.
    private static readonly string[] s_proxyHeaders = ["via", "forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "cf-ray", "x-envoy-external-address"];

    private static readonly string[] s_upgrade = ["upgrade"];

    private static readonly string[] s_connection = ["connection"];

    // Headers of devices and of WebSocket clients.
    private static readonly string[] s_deviceHeaders = ["upgrade", "device-id", "sec-websocket-protocol", "sec-websocket-extensions"];

    // The challenge of the drafts before RFC 6455.
    private static readonly string[] s_draftKeys = ["sec-websocket-key1", "sec-websocket-key2"];

    public static Verdict Of(HandshakeError error, scoped in HandshakeRequest request, ReadOnlySpan<byte> received) => error switch
    {
        HandshakeError.NotUpgrade => OfPlain(request),
        HandshakeError.KeyWithoutUpgrade => OfStripped(request),
        HandshakeError.UpgradeOverHttp10 => Verdict.ProxyHttp10,
        HandshakeError.MethodNotAllowed => OfMethod(request),
        HandshakeError.ContentLength or HandshakeError.TransferEncoding => IsForHttpPort(request) ? Verdict.WrongPort : Verdict.BodyNotAllowed,
        HandshakeError.RequestLineTooLong or HandshakeError.HeadersTooLarge or HandshakeError.TooManyHeaders => Verdict.RequestTooLarge,
        HandshakeError.RepeatedHost or HandshakeError.MissingHost or HandshakeError.MalformedHost => Verdict.BadHost,
        HandshakeError.MissingKey or HandshakeError.RepeatedKey or HandshakeError.MalformedKey => Verdict.BadKey,
        HandshakeError.MissingVersion or HandshakeError.RepeatedVersion or HandshakeError.UnsupportedVersion => Verdict.BadVersion,
        HandshakeError.Draining => Verdict.Draining,
        HandshakeError.OriginNotAllowed => Verdict.OriginNotAllowed,
        HandshakeError.MalformedProxyHeader => Verdict.ProxyHeaderMalformed,
        _ => FirstBytes.Find(received)?.Verdict ?? OfForm(error),
    };

    /// <summary>The rule, the protocol or the bytes behind the verdict, when it has several causes.</summary>
    public static string? DetailOf(Verdict verdict, HandshakeError error, scoped in HandshakeRequest request, ReadOnlySpan<byte> received) => error switch
    {
        _ when verdict == Verdict.WrongPort => "arrived at the device listener",
        HandshakeError.NotUpgrade when verdict == Verdict.Http2Preface => "Upgrade: h2c",
        HandshakeError.NotUpgrade or HandshakeError.KeyWithoutUpgrade or HandshakeError.UpgradeOverHttp10 or HandshakeError.Draining => null,
        HandshakeError.MethodNotAllowed => HandshakeText.Render(request.Method),
        HandshakeError.OriginNotAllowed => HandshakeText.Render(request.Origin),
        HandshakeError.MissingVersion when HasName(request, s_draftKeys) => "Sec-WebSocket-Key1: a draft of 2010 (hixie-76)",
        _ when verdict is Verdict.OtherProtocol or Verdict.Http2Preface or Verdict.TlsOnPlainPort or Verdict.ProxyHeaderUnexpected
            && FirstBytes.Find(received) is { } other => other.Name,
        HandshakeError.UnknownProtocol => $"first bytes {Convert.ToHexString(received[..Math.Min(received.Length, 8)])}",
        _ => Encoding.ASCII.GetString(error.Reason()),
    };

    /// <summary>A request whose end never came.</summary>
    public static Verdict OfIncomplete(bool timedOut, ReadOnlySpan<byte> received) =>
        // The first bytes of another protocol may be valid so far, because it waits for an answer.
        FirstBytes.Find(received)?.Verdict ?? (timedOut ? Verdict.TooSlow : Verdict.LeftDuringRequest);

    /// <summary>The name of another protocol, or the count of bytes that arrived.</summary>
    public static string? DetailOfIncomplete(ReadOnlySpan<byte> received) =>
        FirstBytes.Find(received)?.Name ?? (received.IsEmpty ? null : $"stopped after {received.Length} bytes");

    private static Verdict OfForm(HandshakeError error) => error switch
    {
        HandshakeError.TlsClientHello => Verdict.TlsOnPlainPort,
        HandshakeError.Http2Preface or HandshakeError.UnsupportedHttpVersion => Verdict.Http2Preface,
        HandshakeError.ProxyHeader => Verdict.ProxyHeaderUnexpected,
        HandshakeError.UnknownProtocol => Verdict.UnknownProtocol,
        HandshakeError.MalformedTarget => Verdict.BadTarget,
        _ => Verdict.MalformedRequest,
    };

    private static Verdict OfPlain(scoped in HandshakeRequest request)
    {
        ReadOnlySpan<char> path = PathOf(request, stackalloc char[KnownClients.MaxText]);
        ReadOnlySpan<char> agent = KnownClients.Lower(request.UserAgent, stackalloc char[KnownClients.MaxText]);
        return KnownClients.IsScanner(path, agent) ? Verdict.Scanner
            : KnownClients.IsHealthCheck(path, agent) ? Verdict.HealthCheck
            : KnownClients.IsHttpPath(path) ? Verdict.WrongPort
            : request.AsksForHttp2 ? Verdict.Http2Preface
            : HasName(request, s_deviceHeaders) || KnownClients.IsDevicePath(path)
                ? HasName(request, s_proxyHeaders) && !HasName(request, s_upgrade) ? Verdict.UpgradeStripped : Verdict.NoUpgradeToken
            : HandshakeRules.IsHead(request) || request.MinorVersion == 0 ? Verdict.HealthCheck
            : Verdict.PlainHttp;
    }

    private static Verdict OfStripped(scoped in HandshakeRequest request) =>
        request.MinorVersion == 0 ? Verdict.ProxyHttp10
        : HasName(request, s_proxyHeaders) || !HasName(request, s_upgrade) || !HasName(request, s_connection) ? Verdict.UpgradeStripped
        : Verdict.NoUpgradeToken;

    private static Verdict OfMethod(scoped in HandshakeRequest request)
    {
        ReadOnlySpan<char> path = PathOf(request, stackalloc char[KnownClients.MaxText]);
        ReadOnlySpan<char> agent = KnownClients.Lower(request.UserAgent, stackalloc char[KnownClients.MaxText]);
        return KnownClients.IsHttpPath(path) ? Verdict.WrongPort
            : request.Method.SequenceEqual("CONNECT"u8) || KnownClients.IsScanner(path, agent) ? Verdict.Scanner
            : request.Method.SequenceEqual("OPTIONS"u8) && (path is "/" || KnownClients.IsHealthCheck("", agent)) ? Verdict.HealthCheck
            : Verdict.MethodNotAllowed;
    }

    private static bool IsForHttpPort(scoped in HandshakeRequest request) => KnownClients.IsHttpPath(PathOf(request, stackalloc char[KnownClients.MaxText]));

    /// <summary>Without the query, which may hold a secret.</summary>
    private static ReadOnlySpan<char> PathOf(scoped in HandshakeRequest request, Span<char> buffer)
    {
        ReadOnlySpan<byte> target = request.Target;
        int query = target.IndexOf((byte)'?');
        return KnownClients.Lower(query < 0 ? target : target[..query], buffer);
    }

    private static bool HasName(scoped in HandshakeRequest request, string[] names)
    {
        HeaderLineReader lines = request.Lines;
        while (lines.Read())
        {
            foreach (string name in names)
            {
                if (Ascii.EqualsIgnoreCase(lines.Name, name))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
