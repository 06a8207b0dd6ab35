using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Http.Health;
using FastGate.Http.Server;
using FastGate.Peers;
using FastGate.Testing.Conversation;
using FastGate.Testing.Tls;
using FastGate.Tests.Limits;
using FastGate.Transport.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Http;

/// <summary>HTTP listeners with TLS that share one bound of two handshakes, and clients of them.</summary>
internal sealed class HttpTlsServer : IAsyncDisposable
{
    /// <summary>Failed handshakes that an address may have.</summary>
    public const int Failures = 3;

    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly HttpMetrics s_metrics = new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());

    private readonly HttpServer _server;

    public HttpTlsServer()
    {
        Limits.Limits.Judge.Acts = Acts;
        _server = new HttpServer(
            [
                Listener("open"),
                Listener("proxied", "127.0.0.0/8"),
                Listener("small") with { MaxConnections = 1 },
                Listener("required"),
            ],
            s_metrics,
            NullLoggerFactory.Instance);
    }

    /// <summary>Loopback counts like any other address.</summary>
    public LimitFixture Limits { get; } = new(new RateOptions { FailuresPerMinute = Failures, Exempt = ["192.0.2.0/24"] });

    public RecordingActs Acts { get; } = new();

    public BanList Bans { get; } = new(new NullFleetStore(), TimeProvider.System);

    public FlightRecorder Recorder { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public TlsServer Tls { get; } = new(new FixedCertificate(), concurrency: 2, pending: 2);

    public Task StartAsync() => _server.StartAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Acts.Dispose();
        Limits.Dispose();
    }

    public Uri Address(string listener, string scheme, string path) => new($"{scheme}://{_server.EndPointOf(listener)}{path}");

    public static HttpClient Client(SslProtocols version = SslProtocols.None) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = version,
            RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
        },
    });

    public async Task<NetworkStream> SendAsync(string listener, byte[] bytes)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(_server.EndPointOf(listener));
        var client = new NetworkStream(socket, ownsSocket: true);
        await client.WriteAsync(bytes);
        return client;
    }

    public async Task<SslStream> HandshakeAsync(string listener)
    {
        var stream = new SslStream(await SendAsync(listener, []), leaveInnerStreamOpen: false, static (_, certificate, _, _) => certificate is not null);
        await stream.AuthenticateAsClientAsync("gate").WaitAsync(Limit);
        return stream;
    }

    /// <summary>Waits until the server has closed the connection.</summary>
    public static async Task EndAsync(NetworkStream connection)
    {
        await using NetworkStream client = connection;
        try
        {
            await client.CopyToAsync(Stream.Null).WaitAsync(Limit);
        }
        catch (IOException)
        {
            // The server closed with bytes unread.
        }
    }

    /// <summary>The newest record. All have one verdict. That of a request may be written after its answer.</summary>
    public ConnectionRecord Record()
    {
        Assert.True(SpinWait.SpinUntil(() => Recorder.Newest(1, static _ => true).Count > 0, Limit));
        IReadOnlyList<ConnectionRecord> records = Recorder.Newest(100, static _ => true);
        Assert.Single(records.Select(static record => record.Verdict).Distinct());
        return records[0];
    }

    private HttpListenerOptions Listener(string name, params string[] proxies) => new(name, new IPEndPoint(IPAddress.Loopback, 0), static routes =>
    {
        HealthEndpoints.Map(routes, static () => new ReadinessReport(Ready: true, []));
        routes.MapPost("/echo", static context => context.Request.Body.CopyToAsync(context.Response.Body));
    })
    {
        Misdirected = new MisdirectedRequests(Recorder),
        Tls = new HttpTls(Tls, Limits.Limits, Bans, new PeerRules(proxies, [])) { Time = Time, IsRequired = name == "required" },
    };
}
