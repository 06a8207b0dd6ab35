using System.Globalization;
using System.Net;
using System.Text;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;
using FastGate.Transport.Addresses;
using FastGate.Transport.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FastGate.Http.Server;

/// <summary>
/// Records what arrives at an HTTP listener and was meant for another port: another protocol, a WebSocket upgrade, a path of another listener or of none;
/// and what TLS refuses.
/// Requests that were served leave no record. Off the hot path; the recorder bounds the records of a flood.
/// </summary>
internal sealed class MisdirectedRequests(FlightRecorder recorder)
{
    private const int MaxHeaderNames = 32;
    private const int MaxHeaderName = 48;

    /// <summary>The first bytes of a connection, before the server parses them. True when they are no request.</summary>
    public bool Observe(ConnectionContext connection, string listener, ReadOnlySpan<byte> first)
    {
        (Verdict verdict, string? detail) = FirstBytes.Find(first) is { } other ? (other.Verdict, other.Name)
            : IsHttp(first) ? default
            : (Verdict.UnknownProtocol, $"first bytes {Convert.ToHexString(first[..Math.Min(first.Length, 8)])}");
        if (detail is null)
        {
            return false;
        }

        Record(connection, verdict, $"{detail}, at the {listener} listener", StatusCodes.Status400BadRequest);
        return true;
    }

    /// <summary>A trusted proxy has sent a PROXY header that cannot be used. The connection is closed without an answer.</summary>
    public void ObserveMalformedProxyHeader(ConnectionContext connection, string listener) =>
        Record(connection, Verdict.ProxyHeaderMalformed, $"at the {listener} listener", status: 0);

    /// <summary>A TLS handshake that was not completed.</summary>
    public void ObserveTls(ConnectionContext connection, string listener, TlsPipe tls, bool timedOut)
    {
        string detail = TlsVerdicts.DetailOf(tls) is { } words ? $"{words}, " : "";
        Record(connection, TlsVerdicts.Of(tls, timedOut), $"{detail}at the {listener} listener", status: 0);
    }

    /// <summary>A banned client of TLS. The connection is closed without an answer.</summary>
    public void ObserveBan(ConnectionContext connection, string listener, Ban ban) =>
        Record(connection, Verdict.Banned, $"{HandshakeRecords.Describe(ban)}, at the {listener} listener", status: 0);

    /// <summary>A connection that has ended, and that sent something of which the server could not read a request.</summary>
    public void ObserveUnread(ConnectionContext connection, string listener, bool hasLeft, TimeSpan elapsed)
    {
        (Verdict verdict, string what, int status) = hasLeft ? (Verdict.LeftDuringRequest, "the request was not complete", 0)
            : elapsed >= HttpServer.HeadersTimeout ? (Verdict.TooSlow, "the request was not complete in time", StatusCodes.Status408RequestTimeout)
            : (Verdict.MalformedRequest, "the request could not be read", StatusCodes.Status400BadRequest);
        Record(connection, verdict, $"{what}, at the {listener} listener", status);
    }

    /// <summary>A request after its response.</summary>
    public void Observe(HttpContext context, HttpListenerOptions listener)
    {
        if ((listener.Tls is { IsRequired: true } && RequiredTls.Refuses(context.Request) ? Verdict.TlsRequired : VerdictOf(context)) is not { } verdict)
        {
            return;
        }

        HttpRequest request = context.Request;
        IPAddress remote = context.Connection.RemoteIpAddress ?? IPAddress.None;
        IPEndPoint peer = context.Connection.RemotePort == 0 ? new ReportedEndPoint(remote) : new IPEndPoint(remote, context.Connection.RemotePort);
        UInt128 address = AddressRange.ValueOf(peer.Address);
        string? id = IdOf(request);
        string forwarded = request.Headers["X-Real-IP"] is { Count: > 0 } real ? real.ToString() : request.Headers["X-Forwarded-For"].ToString();
        if (recorder.Note(verdict, address, SourceKey.Of(address, Encoding.UTF8.GetBytes(forwarded)), Encoding.UTF8.GetBytes(id ?? "")))
        {
            recorder.Add(new ConnectionRecord
            {
                At = DateTimeOffset.UtcNow,
                Verdict = verdict,
                Peer = peer,
                ForwardedFor = forwarded.Length == 0 || peer is ReportedEndPoint ? null : HandshakeText.Render(Encoding.UTF8.GetBytes(forwarded)),
                Target = HandshakeText.RenderTarget(Encoding.UTF8.GetBytes(context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "")),
                HeaderNames = [.. request.Headers.Keys.Take(MaxHeaderNames).Select(static name => HandshakeText.Render(Encoding.UTF8.GetBytes(name.Length > MaxHeaderName ? name[..MaxHeaderName] : name)))],
                DeviceId = id,
                Detail = verdict == Verdict.WrongPort ? string.Create(CultureInfo.InvariantCulture, $"arrived at the {listener.Name} listener, port {context.Connection.LocalPort}") : null,
                Status = context.Response.StatusCode,
            });
        }
    }

    private void Record(ConnectionContext connection, Verdict verdict, string detail, int status)
    {
        UInt128 address = connection.RemoteEndPoint is IPEndPoint peer ? AddressRange.ValueOf(peer.Address) : 0;
        if (recorder.Note(verdict, address, SourceKey.Of(address), default))
        {
            recorder.Add(new ConnectionRecord { At = DateTimeOffset.UtcNow, Verdict = verdict, Peer = connection.RemoteEndPoint, Detail = detail, Status = status });
        }
    }

    private static Verdict? VerdictOf(HttpContext context)
    {
        int status = context.Response.StatusCode;
        bool isUpgrade = context.Request.Headers.Upgrade.ToString().Contains("websocket", StringComparison.OrdinalIgnoreCase);
        if (!isUpgrade && status < StatusCodes.Status400BadRequest)
        {
            return null;
        }

        string path = (context.Request.Path.Value ?? "").ToLowerInvariant();
        string agent = context.Request.Headers.UserAgent.ToString().ToLowerInvariant();
        bool isDevice = KnownClients.IsDevicePath(path) || path.StartsWith("/xiaozhi/", StringComparison.Ordinal) || path.StartsWith("/mcp/", StringComparison.Ordinal);
        return isUpgrade || (isDevice && status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound) ? Verdict.WrongPort
            : status != StatusCodes.Status404NotFound ? null
            : KnownClients.IsScanner(path, agent) ? Verdict.Scanner
            : KnownClients.IsHealthCheck(path, agent) ? Verdict.HealthCheck
            : KnownClients.IsHttpPath(path) ? Verdict.WrongPort
            : Verdict.WrongPath;
    }

    private static string? IdOf(HttpRequest request) =>
        ((string?[])[request.Query["device-id"], request.Query["device_id"], request.Headers["Device-Id"]])
            .Where(static id => !string.IsNullOrEmpty(id))
            .Select(static id => DeviceIdentity.Normalize(id!))
            .FirstOrDefault(static id => id is not null);

    /// <summary>A method begins with a letter, and empty lines before it are allowed.</summary>
    private static bool IsHttp(ReadOnlySpan<byte> first) => first.IsEmpty || char.IsAsciiLetter((char)first[0]) || first[0] is (byte)'\r' or (byte)'\n';
}
