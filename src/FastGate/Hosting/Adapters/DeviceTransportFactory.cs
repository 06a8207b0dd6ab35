using FastGate.Configuration.Options;
using FastGate.Transport;
using FastGate.Transport.Accept;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.Loops;
using FastGate.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting.Adapters;

/// <summary>Chooses the transport of the device door.</summary>
internal static class DeviceTransportFactory
{
    /// <remarks>Why loops cannot run here, <paramref name="whyUnsupported"/> says; without it the kernel is asked.</remarks>
    public static ITransport Create(
        DeviceOptions options, ILoggerFactory loggerFactory, TransportMetrics metrics, Func<string?>? whyUnsupported = null)
    {
        var settings = new TransportOptions
        {
            EventLoops = options.EventLoops,
            Linger = options.Timeouts.Close,
            Refusal = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"u8.ToArray(),
        };
        if (options.Transport == DeviceTransportKind.Sockets)
        {
            return new SocketsTransport(settings, loggerFactory, metrics);
        }

        string? why = (whyUnsupported ?? EventLoopTransport.WhyUnsupported)();
        if (why is null)
        {
            return new EventLoopTransport(settings, loggerFactory, metrics);
        }

        if (options.Transport == DeviceTransportKind.EventLoop)
        {
            throw new PlatformNotSupportedException($"FastGate:Devices:Transport is EventLoop, but event loops cannot run here: {why}.");
        }

        loggerFactory.CreateLogger<EventLoopTransport>().FellBackToSockets(why);
        return new SocketsTransport(settings, loggerFactory, metrics);
    }

    /// <summary>The configured limit of connections, lowered with a warning where the limit of open files does not allow it.</summary>
    public static int ClampConnections(DeviceOptions options, ILogger logger)
    {
        int loops = options.Transport == DeviceTransportKind.Sockets ? 0 : EventLoopTransport.CountLoops(options.EventLoops);
        return DescriptorLimit.ClampConnections(options.MaxConnections, loops, logger);
    }
}
