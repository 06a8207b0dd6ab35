using System.Diagnostics.Metrics;
using System.Net;
using FastGate.Auth;
using FastGate.Cluster;
using FastGate.Configuration.Loading;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Http.Admin;
using FastGate.Http.Dashboard;
using FastGate.Http.Health;
using FastGate.Http.Ota;
using FastGate.Http.Server;
using FastGate.Http.Talk;
using FastGate.Sessions;
using FastGate.Tests.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Http;

/// <summary>Both HTTP listeners on free ports, with fakes behind them.</summary>
internal sealed class HttpTestServer : IAsyncDisposable
{
    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly GatewayTelemetry _telemetry;
    private HttpServer? _server;

    public HttpTestServer() => _telemetry = new GatewayTelemetry(Meters);

    public IMeterFactory Meters => _meters.GetRequiredService<IMeterFactory>();

    public ConfigurationFixture Configuration { get; } = new();

    public FakeGatewayStatus Gateway { get; } = new();

    public FakeRestart Restart { get; } = new();

    public FlightRecorder Handshakes { get; } = new();

    public ReadinessReport Readiness { get; set; } = new(Ready: true, []);

    public RecordingLogger<HttpTestServer> Log { get; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public DeviceLanguages Languages { get; } = new(new StripedCounter(), new StripedCounter());

    public DeviceProfiles Profiles { get; } = new(TimeProvider.System);

    public string? AdminToken { get; set; }

    public string? ViewToken { get; set; }

    public FleetRecords Fleet { get; } = new(new NullFleetStore(), TimeProvider.System, NullLogger.Instance);

    /// <summary>Of the started server.</summary>
    public Activations Activations { get; private set; } = null!;

    public AuditLog? Audit { get; private set; }

    public AuditFile? AuditFile { get; init; }

    /// <summary>Where the answers of acts are kept; null for nowhere.</summary>
    public string? Database { get; init; }

    /// <summary>Maps more routes.</summary>
    public Action<AdminRoutes>? MapAdmin { get; init; }

    /// <summary>Of this server as a node of a cluster; null without a cluster.</summary>
    public NodeRequests? Requests { get; init; }

    /// <summary>The node that OTA names to a device.</summary>
    public Func<string, Task<string?>>? Place { get; init; }

    public int PublicConnections { get; init; } = 1_000;

    public HttpClient Public { get; } = new(new SocketsHttpHandler { UseProxy = false });

    public HttpClient Admin { get; } = new(new SocketsHttpHandler { UseProxy = false });

    public IPEndPoint EndPointOf(string listener) => _server!.EndPointOf(listener);

    public async Task<HttpTestServer> StartAsync()
    {
        GatewayConfiguration configuration = Configuration.Create();
        var policy = new AuthPolicy(configuration.Current.Auth, NullLogger<AuthPolicy>.Instance);
        Activations = new Activations(Fleet.Known, Time);
        var ota = new OtaService(configuration, new OtaTokens(policy, Fleet.Known, Activations), static () => 8000, Log, TimeProvider.System, Languages, Profiles, place: Place);
        var talk = new TalkPage(configuration, static () => 8000, () => EndPointOf("http").Port);
        var guard = new AdminGuard(() => new AdminTokens(AdminToken, ViewToken), new GuessBackoff(Time), NullLogger<AdminGuard>.Instance);
        Audit = new AuditLog(Log, Time, AuditFile);
        var metrics = new AdminMetrics(Meters);
        var acts = new ActRunner(new ActReplays(new ActStore(Database), Time, metrics, Log), Audit, metrics, Log);
        var anywhere = new IPEndPoint(IPAddress.Loopback, 0);
        _server = new HttpServer(
            [
                new HttpListenerOptions("http", anywhere, routes =>
                {
                    OtaEndpoints.Map(routes, ota);
                    HealthEndpoints.Map(routes, () => Readiness);
                }) { MaxConnections = PublicConnections },
                new HttpListenerOptions("admin", anywhere, routes =>
                {
                    var admin = new AdminRoutes(routes, acts, NodeActs.Create(Requests, acts));
                    AdminEndpoints.Map(admin, Gateway, Restart, _telemetry, Handshakes, Audit, Log, Time);
                    new ActivationEndpoints(Activations).Map(admin);
                    MapAdmin?.Invoke(admin);
                    DashboardPage.Map(routes);
                    talk.Map(routes);
                })
                {
                    Guard = guard.Wrap,
                },
            ],
            new HttpMetrics(Meters),
            NullLoggerFactory.Instance);
        await _server.StartAsync(CancellationToken.None);
        Public.BaseAddress = new Uri($"http://{EndPointOf("http")}");
        Admin.BaseAddress = new Uri($"http://{EndPointOf("admin")}");
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        Public.Dispose();
        Admin.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _telemetry.Dispose();
        await _meters.DisposeAsync();
        Configuration.Dispose();
    }
}
