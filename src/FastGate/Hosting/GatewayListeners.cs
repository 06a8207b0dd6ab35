using System.Net;
using System.Net.Sockets;
using FastGate.Auth;
using FastGate.Cluster;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.HandOver;
using FastGate.Hosting.Adapters;
using FastGate.Http.Admin;
using FastGate.Http.Dashboard;
using FastGate.Http.Health;
using FastGate.Http.Ota;
using FastGate.Http.Server;
using FastGate.Http.Talk;
using FastGate.Http.Vision;
using FastGate.Peers;
using FastGate.Restart;
using FastGate.Sessions;
using FastGate.Transport;
using FastGate.Transport.Accept;
using FastGate.Transport.HandOver;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>
/// The three listeners: all or none are bound, and the device listener is the last to accept, because a device also needs OTA.
/// </summary>
internal sealed class GatewayListeners : IAsyncDisposable
{
    private const string DevicesName = "devices";
    private const string HttpName = "http";
    private const string AdminName = "admin";

    private readonly ITransport _transport;
    private readonly DeviceOptions _devices;
    private readonly string _httpListen;
    private readonly string _adminListen;
    private readonly HttpServer _server;
    private readonly AdminStreams _streams = new();
    private volatile bool _devicesBound;

    public GatewayListeners(
        GatewayConfiguration configuration,
        ITransport transport,
        AuthPolicy auth,
        GatewayStatus status,
        IGatewayRestart restart,
        OverviewSource overview,
        FleetActs fleetActs,
        FleetControl control,
        FleetRecords fleet,
        ILogLevels levels,
        GatewayTelemetry telemetry,
        FlightRecorder recorder,
        Explainer explainer,
        DeviceLanguages languages,
        GuessBackoff guesses,
        VisionService vision,
        VisionAccess visionAccess,
        Func<string, Task<string?>>? place,
        HttpMetrics metrics,
        AdminMetrics adminMetrics,
        ClusterNode? cluster,
        HttpTls? tls,
        ILoggerFactory logs)
    {
        GatewayOptions options = configuration.Current;
        _transport = transport;
        _devices = options.Devices;
        (_httpListen, _adminListen, status.Listeners) = (options.Http.Listen, options.Admin.Listen, Report);
        var activations = new Activations(fleet.Known, TimeProvider.System);
        adminMetrics.ObserveActivations(() => activations.Pending.Count, () => fleet.Known.Count);
        var ota = new OtaService(
            configuration, new OtaTokens(auth, fleet.Known, activations), () => DevicePort, logs.CreateLogger<OtaService>(), TimeProvider.System, languages, fleet.Profiles, visionAccess.Reached, place);
        var talk = new TalkPage(configuration, () => DevicePort, () => HttpPort);
        var guard = new AdminGuard(() => new AdminTokens(configuration.Current.Admin.Token, configuration.Current.Admin.ViewToken), guesses, logs.CreateLogger<AdminGuard>());
        var events = new EventFeed(overview.Read, _streams, TimeProvider.System);
        adminMetrics.ObserveWatchers(() => events.Watchers);
        string? database = options.Memory.Provider == MemoryProviderKind.None ? null : Path.GetFullPath(options.Memory.Path);
        var audit = new AuditLog(
            logs.CreateLogger<AuditLog>(), TimeProvider.System, database is null ? null : new AuditFile(Path.Combine(Path.GetDirectoryName(database)!, "audit")));
        var replays = new ActReplays(new ActStore(database), TimeProvider.System, adminMetrics, logs.CreateLogger<ActReplays>());
        var acts = new ActRunner(replays, audit, adminMetrics, logs.CreateLogger<ActRunner>());
        var nodes = NodeActs.Create(cluster?.Requests, acts);
        BanSharing? sharing = cluster is null ? null : new BanSharing(cluster.Bans, fleet.Bans, fleetActs, logs.CreateLogger<BanSharing>(), TimeProvider.System);
        TraceSharing? traces = cluster is null ? null : new TraceSharing(cluster, recorder.Traces!, logs.CreateLogger<TraceSharing>(), TimeProvider.System);
        TagSharing? tags = cluster is null ? null : new TagSharing(cluster.Tags, fleet.Tags, logs.CreateLogger<TagSharing>());
        MapAdmin = routes =>
        {
            var admin = new AdminRoutes(routes, acts, nodes);
            AdminEndpoints.Map(admin, status, restart, telemetry, recorder, audit, logs.CreateLogger<AdminGuard>(), TimeProvider.System);
            new FleetEndpoints(fleetActs, fleet, tags).Map(admin);
            new BanEndpoints(fleetActs, fleet, sharing).Map(admin);
            new ActivationEndpoints(activations).Map(admin);
            new CommandEndpoints(control.Commands).Map(admin);
            new DrainEndpoints(new DrainActs(control.Drain, fleetActs)).Map(admin);
            new FlightEndpoints(recorder, explainer).Map(admin);
            new NodeEndpoints(status.Nodes).Map(admin);
            new TraceEndpoints(recorder.Traces!, _streams, TimeProvider.System, traces).Map(admin);
            new ServerEndpoints(levels, configuration.Reload).Map(admin);
            events.Map(admin);
            DashboardPage.Map(routes);
            talk.Map(routes);
        };
        var budget = DescriptorBudget.OfProcess();
        var peers = PeerRules.Of(options.Devices);
        _server = new HttpServer(
            [
                new HttpListenerOptions(HttpName, ListenAddress.Parse(options.Http.Listen), routes =>
                {
                    OtaEndpoints.Map(routes, ota);
                    VisionEndpoints.Map(routes, vision);
                    HealthEndpoints.Map(routes, status.Readiness);
                })
                {
                    MaxConnections = budget.Http,
                    Tls = tls,
                    Misdirected = new MisdirectedRequests(recorder),
                    Peers = peers,
                },
                new HttpListenerOptions(AdminName, ListenAddress.Parse(options.Admin.Listen), MapAdmin)
                {
                    Guard = guard.Wrap,
                    MaxConnections = budget.Admin,
                    Misdirected = new MisdirectedRequests(recorder),
                    Peers = peers,
                },
            ],
            metrics,
            logs);
    }

    /// <summary>The configured port until the device listener is bound.</summary>
    private int DevicePort => _devicesBound ? ((IPEndPoint)_transport.EndPoint).Port : ListenAddress.Parse(_devices.Listen).Port;

    /// <summary>Maps all routes of the admin listener.</summary>
    public Action<IEndpointRouteBuilder> MapAdmin { get; }

    public int HttpPort => _server.EndPointOf(HttpName).Port;

    public ListenersReport Report() => new(
        _transport.EndPoint.ToString()!, _server.EndPointOf(HttpName).ToString(), _server.EndPointOf(AdminName).ToString(), _transport.GetType().Name);

    /// <summary>The listening sockets of all listeners, which stay open here.</summary>
    public IReadOnlyList<ListenerState> Sockets =>
    [
        new ListenerState(DevicesName, (_transport as IHandOverTransport)?.Listeners ?? []),
        .. _server.Descriptors.Select(static listener => new ListenerState(listener.Name, [listener.Descriptor])),
    ];

    /// <summary>Another process serves at these addresses now.</summary>
    public bool IsHandedOver { get; set; }

    /// <summary>The first listener whose sockets do not have the configured address, as a sentence; null when all have it.</summary>
    public string? FindMismatch(InheritedState inherited)
    {
        foreach ((string name, string key, string listen) in (ReadOnlySpan<(string, string, string)>)
            [(DevicesName, "Devices", _devices.Listen), (HttpName, "Http", _httpListen), (AdminName, "Admin", _adminListen)])
        {
            IReadOnlyList<int> sockets = inherited.ListenersOf(name);
            if (sockets.Count == 0 || ListenerAddress.OfAll(sockets, ListenAddress.Parse(listen)) is null)
            {
                return $"the running server does not listen at FastGate:{key}:Listen={listen}";
            }
        }

        return null;
    }

    /// <summary>Opens the HTTP listeners.</summary>
    public async Task BindHttpAsync(InheritedState? inherited)
    {
        var sockets = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string name in (string[])[HttpName, AdminName])
        {
            if (inherited?.ListenersOf(name) is [int descriptor, ..])
            {
                sockets[name] = descriptor;
            }
        }

        try
        {
            await _server.StartAsync(CancellationToken.None, sockets);
        }
        catch (IOException exception)
        {
            throw new IOException($"{exception.Message} Change {HttpKeysFor(exception.Message)}.", exception);
        }

        PublishedAddress.Publish(_server.EndPointOf(HttpName), _server.EndPointOf(AdminName));
    }

    /// <summary>Binds the device listener, which does not accept yet, or uses the sockets that the program before this one had.</summary>
    public async Task BindDevicesAsync(InheritedState? inherited)
    {
        IPEndPoint configured = ListenAddress.Parse(_devices.Listen);
        IReadOnlyList<int> sockets = inherited?.ListenersOf(DevicesName) ?? [];
        if (sockets.Count == 0 || _transport is not IHandOverTransport transport || !transport.TryAdoptListeners(sockets, configured))
        {
            // The address has changed: who waits at the former one is refused.
            foreach (int socket in sockets)
            {
                InheritedDescriptors.Close(socket);
            }

            try
            {
                await _transport.BindAsync(configured, CancellationToken.None);
            }
            catch (Exception exception) when (exception is AddressInUseException or SocketException or IOException)
            {
                throw new IOException($"devices at {_devices.Listen}: {exception.Message.TrimEnd('.')}. Change FastGate:Devices:Listen.", exception);
            }
        }

        _devicesBound = true;
    }

    /// <summary>The listeners of other options whose address is neither bound now nor free.</summary>
    public IEnumerable<string> WhyNotBindable(GatewayOptions next)
    {
        (string Name, string Listen, EndPoint Bound)[] listeners =
        [
            (DevicesName, next.Devices.Listen, _transport.EndPoint),
            (HttpName, next.Http.Listen, _server.EndPointOf(HttpName)),
            (AdminName, next.Admin.Listen, _server.EndPointOf(AdminName)),
        ];
        foreach ((string name, string listen, EndPoint bound) in listeners)
        {
            IPEndPoint wanted = ListenAddress.Parse(listen);
            if (wanted.Port != 0 && !wanted.Equals(bound) && WhyNotBindable(wanted) is string why)
            {
                yield return $"{name} at {listen}: {why}";
            }
        }
    }

    /// <summary>Stops accepting HTTP connections, and waits until the requests in progress have ended or the limit is reached.</summary>
    public Task PauseHttpAsync(TimeSpan limit)
    {
        Task paused = _server.PauseAsync(limit);
        _streams.EndAll();
        return paused;
    }

    public void ResumeHttp() => _server.Resume();

    /// <summary>Logs one line for each listener.</summary>
    public void Announce(ILogger log)
    {
        log.ListenerOpen(DevicesName, $"{(_devices.Tls.Required ? "wss" : "ws")}://{ReachableAddress.Of((IPEndPoint)_transport.EndPoint)}/xiaozhi/v1/");
        log.ListenerOpen(HttpName, $"{(_devices.Tls.Required ? "https" : "http")}://{ReachableAddress.Of(_server.EndPointOf(HttpName))}{OtaEndpoints.Path}");
        log.ListenerOpen(AdminName, $"http://{ReachableAddress.Of(_server.EndPointOf(AdminName))}/api/v1/status");
    }

    public ValueTask DisposeAsync()
    {
        if (!IsHandedOver)
        {
            PublishedAddress.Withdraw();
        }

        return _server.DisposeAsync();
    }

    private static string? WhyNotBindable(IPEndPoint address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(address);
            return null;
        }
        catch (SocketException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>The server binds both of its listeners at once; its message names the address that it could not bind.</summary>
    private string HttpKeysFor(string message)
    {
        (string Key, string Address)[] listeners =
        [
            ("FastGate:Http:Listen", ListenAddress.Parse(_httpListen).ToString()),
            ("FastGate:Admin:Listen", ListenAddress.Parse(_adminListen).ToString()),
        ];
        string[] named = [.. listeners.Where(listener => message.Contains(listener.Address, StringComparison.Ordinal)).Select(static listener => listener.Key)];
        return string.Join(" or ", named.Length > 0 ? named : listeners.Select(static listener => listener.Key));
    }
}
