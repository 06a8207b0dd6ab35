using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FastGate.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Server;

/// <summary>
/// The HTTP listeners on Kestrel's server class, with routing and without a web host, because the gateway has its own configuration, logging and
/// lifetime. Measured on this server's shape, medians of five starts: <c>WebApplication.CreateEmptyBuilder</c> costs 2.7 MB of resident memory and
/// 32 ms of start time more, <c>CreateSlimBuilder</c> 4.7 MB and 67 ms.
/// </summary>
internal sealed class HttpServer(IReadOnlyList<HttpListenerOptions> listeners, HttpMetrics metrics, ILoggerFactory loggerFactory) : IAsyncDisposable
{
    // Kestrel's default is 30 MB; the largest request here is an OTA request of about two kilobytes.
    private const int MaxRequestBody = 64 * 1024;
    private const int MaxRequestLine = 4 * 1024;
    private const int MaxHeaders = 16 * 1024;
    private const int MaxHeaderCount = 64;
    private const int RequestBuffer = 64 * 1024;

    /// <summary>From the first byte of a request to the end of its headers.</summary>
    public static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(5);

    private readonly Dictionary<string, IPEndPoint> _endPoints = new(StringComparer.Ordinal);
    private KestrelServer? _server;
    private ServiceProvider? _services;
    private IReadOnlyList<HttpConnectionListener> _listeners = [];

    /// <summary>The listening sockets, by the name of the listener. They stay owned by the server.</summary>
    public IEnumerable<(string Name, int Descriptor)> Descriptors => _listeners.Select(static listener => (listener.Name, listener.Descriptor));

    /// <summary>The bound address of a listener, with the real port where port 0 was configured. Valid after the start.</summary>
    public IPEndPoint EndPointOf(string listener) => _endPoints[listener];

    /// <summary>
    /// Binds all listeners or none. Throws <see cref="IOException"/> when one cannot be bound, with <c>AddressInUseException</c> inside when its port
    /// is in use. It may be called again after that.
    /// </summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="inherited">Listening sockets to use, by the name of the listener.</param>
    public async Task StartAsync(CancellationToken cancellationToken, IReadOnlyDictionary<string, int>? inherited = null)
    {
        ServiceProvider services = BuildServices();
        var options = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        Limit(options.Limits);
        var bound = new List<(string Name, ListenOptions Options)>(listeners.Count);
        var pipelines = new Dictionary<EndPoint, HttpListenerPipeline>(ReferenceEqualityComparer.Instance);
        foreach (HttpListenerOptions listener in listeners)
        {
            var pipeline = new HttpListenerPipeline(listener, BuildHandler(listener, services));
            // The factory finds the pipeline by this object, because two listeners may ask for any free port.
            options.Listen(new IPEndPoint(listener.Listen.Address, listener.Listen.Port), listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(pipeline.RequireFirstByte);
                pipelines[listen.EndPoint] = pipeline;
                bound.Add((listener.Name, listen));
            });
        }

        var transport = new HttpListenerFactory(pipelines, inherited ?? new Dictionary<string, int>(), metrics, loggerFactory);
        var server = new KestrelServer(Microsoft.Extensions.Options.Options.Create(options), transport, loggerFactory);
        try
        {
            await server.StartAsync(new HttpRequestDispatcher(loggerFactory.CreateLogger<HttpServer>()), cancellationToken);
        }
        catch (Exception exception)
        {
            server.Dispose();
            await services.DisposeAsync();

            // Kestrel's message names an address that is in use, but not one that cannot be bound for another reason.
            if (exception is SocketException)
            {
                throw new IOException($"{string.Join(" or ", listeners.Select(static listener => $"{listener.Name} at {listener.Listen}"))}: {exception.Message}", exception);
            }

            throw;
        }

        (_server, _services, _listeners) = (server, services, transport.Listeners);
        foreach ((string name, ListenOptions listen) in bound)
        {
            _endPoints[name] = listen.IPEndPoint!;
        }
    }

    /// <summary>Stops accepting, and waits until the requests in progress have ended or the limit is reached.</summary>
    public async Task PauseAsync(TimeSpan limit)
    {
        long until = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        await Task.WhenAny(Task.WhenAll(_listeners.Select(static listener => listener.PauseAsync())), Task.Delay(limit));
        while (_listeners.Any(static listener => !listener.IsSettled) && Environment.TickCount64 < until)
        {
            await Task.Delay(s_pollEvery);
        }
    }

    /// <summary>Accepts again after <see cref="PauseAsync"/>.</summary>
    public void Resume()
    {
        foreach (HttpConnectionListener listener in _listeners)
        {
            listener.Resume();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            // The token is already cancelled: requests in progress are aborted.
            await _server.StopAsync(new CancellationToken(canceled: true));
            _server.Dispose();
            _server = null;
        }

        if (_services is not null)
        {
            await _services.DisposeAsync();
            _services = null;
        }
    }

    private static void Limit(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = MaxRequestBody;
        limits.MaxRequestLineSize = MaxRequestLine;
        limits.MaxRequestHeadersTotalSize = MaxHeaders;
        limits.MaxRequestHeaderCount = MaxHeaderCount;
        limits.MaxRequestBufferSize = RequestBuffer;
        limits.MaxResponseBufferSize = RequestBuffer;
        limits.RequestHeadersTimeout = HeadersTimeout;
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(30);
    }

    private ServiceProvider BuildServices()
    {
        var services = new ServiceCollection();
        services.AddOptions();
        services.AddSingleton(loggerFactory);
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddSingleton<DiagnosticSource>(static provider => provider.GetRequiredService<DiagnosticListener>());
        services.AddSingleton(static _ => new DiagnosticListener("FastGate.Http"));
        services.AddRoutingCore();
        return services.BuildServiceProvider();
    }

    /// <summary>Each listener has its own route table: a path of one does not exist on another.</summary>
    private static RequestDelegate BuildHandler(HttpListenerOptions listener, ServiceProvider services)
    {
        var builder = new ApplicationBuilder(services);
        if (listener.Peers is { HasProxies: true } peers)
        {
            builder.Use(new ReportedClients(peers).Wrap);
        }

        if (listener.Tls is { IsRequired: true })
        {
            builder.Use(RequiredTls.Wrap);
        }

        if (listener.Guard is not null)
        {
            builder.Use(listener.Guard);
        }

        builder.UseRouting();
        builder.UseEndpoints(listener.Map);
        return builder.Build();
    }
}
