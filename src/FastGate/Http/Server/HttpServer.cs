using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Server;

/// <summary>
/// The HTTP doors on one bare Kestrel: routing and nothing else. No web host, because the gateway has its own configuration,
/// logging and life, and each of the host's layers would be resident memory that serves nobody.
/// </summary>
internal sealed class HttpServer(IReadOnlyList<HttpListenerDefinition> doors, ILoggerFactory loggerFactory) : IAsyncDisposable
{
    // Kestrel's own default is 30 MB for anyone; the largest request here is an OTA call of about two kilobytes.
    private const int MaxRequestBody = 64 * 1024;
    private const int MaxRequestLine = 4 * 1024;
    private const int MaxHeaders = 16 * 1024;
    private const int MaxHeaderCount = 64;
    private const int RequestBuffer = 64 * 1024;

    private readonly Dictionary<string, IPEndPoint> _endPoints = new(StringComparer.Ordinal);
    private KestrelServer? _server;
    private ServiceProvider? _services;

    /// <summary>The address a door is really bound to; a requested port 0 has become a number. Only while started.</summary>
    public IPEndPoint EndPointOf(string door) => _endPoints[door];

    /// <summary>
    /// Binds all doors or none. Throws <see cref="IOException"/> when one cannot be bound (with <c>AddressInUseException</c> inside where its port
    /// is held); it may be called again after that.
    /// </summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        ServiceProvider services = BuildServices();
        var options = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        Limit(options.Limits);
        var listening = new List<(HttpListenerDefinition Door, ListenOptions Options)>(doors.Count);
        foreach (HttpListenerDefinition door in doors)
        {
            var open = new OpenHttpListener(door, BuildPipeline(door, services));
            options.Listen(door.Listen, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(open.Admit);
                listening.Add((door, listen));
            });
        }

        // One I/O queue: these doors see a request now and then.
        var transport = new SocketTransportFactory(
            Microsoft.Extensions.Options.Options.Create(new SocketTransportOptions { IOQueueCount = 1 }), loggerFactory);
        var server = new KestrelServer(Microsoft.Extensions.Options.Options.Create(options), transport, loggerFactory);
        try
        {
            await server.StartAsync(new HttpListenerApplication(loggerFactory.CreateLogger<HttpServer>()), cancellationToken);
        }
        catch (Exception exception)
        {
            server.Dispose();
            await services.DisposeAsync();

            // Kestrel names an address that is taken, and none that cannot be bound for another reason.
            if (exception is SocketException)
            {
                throw new IOException($"{string.Join(" or ", doors.Select(static door => $"{door.Name} at {door.Listen}"))}: {exception.Message}", exception);
            }

            throw;
        }

        (_server, _services) = (server, services);
        foreach ((HttpListenerDefinition door, ListenOptions listen) in listening)
        {
            _endPoints[door.Name] = listen.IPEndPoint!;
        }
    }

    /// <summary>Takes no more connections and lets requests in progress end until the token says stop.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            // A token that is cancelled already: whoever wanted requests to end has called StopAsync before.
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
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
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

    /// <summary>Each door has its own route table: what one serves does not exist at another.</summary>
    private static RequestDelegate BuildPipeline(HttpListenerDefinition door, ServiceProvider services)
    {
        var builder = new ApplicationBuilder(services);
        if (door.Guard is not null)
        {
            builder.Use(door.Guard);
        }

        builder.UseRouting();
        builder.UseEndpoints(door.Map);
        return builder.Build();
    }
}
