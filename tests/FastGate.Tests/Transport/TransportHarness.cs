using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.Loops;
using FastGate.Transport.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Transport;

/// <summary>A transport on a loopback port, with its metrics recorded.</summary>
internal sealed class TransportHarness : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _counts = [];

    public TransportHarness(Func<ILoggerFactory, TransportMetrics, ITransport> create, ILoggerFactory? loggers = null)
    {
        IMeterFactory factory = _services.GetRequiredService<IMeterFactory>();
        var metrics = new TransportMetrics(factory.Create("FastGate"));
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == factory)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (_counts)
            {
                _counts[instrument.Name] = _counts.GetValueOrDefault(instrument.Name) + value;
            }

            Measured?.Invoke(instrument.Name);
        });
        _listener.Start();
        Transport = create(loggers ?? NullLoggerFactory.Instance, metrics);
    }

    public ITransport Transport { get; }

    /// <summary>Called with the name of the instrument, on the measuring thread; it may throw.</summary>
    public Action<string>? Measured { get; set; }

    public static TransportHarness Create(TransportKind kind, TransportOptions? settings = null, ILoggerFactory? loggers = null)
    {
        settings ??= new TransportOptions { EventLoops = 2 };
        return new TransportHarness(
            (factory, metrics) => kind == TransportKind.Sockets
                ? new SocketsTransport(settings, factory, metrics)
                : new EventLoopTransport(settings, factory, metrics),
            loggers);
    }

    public async Task<TransportHarness> StartAsync(ConnectionDelegate connectionDelegate)
    {
        await Transport.BindAsync(new IPEndPoint(IPAddress.Loopback, 0), CancellationToken.None);
        Transport.Start(connectionDelegate);
        return this;
    }

    public async Task<Socket> ConnectAsync(Action<Socket>? configure = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        configure?.Invoke(socket);
        await socket.ConnectAsync(Transport.EndPoint);
        return socket;
    }

    public long Count(string instrument)
    {
        lock (_counts)
        {
            return _counts.GetValueOrDefault("fastgate.transport." + instrument);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Transport.DisposeAsync();
        _listener.Dispose();
        await _services.DisposeAsync();
    }
}
