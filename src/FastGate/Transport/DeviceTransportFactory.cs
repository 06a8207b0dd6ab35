using FastGate.Diagnostics;
using FastGate.Options;
using Microsoft.Extensions.Logging;

namespace FastGate.Transport;

/// <summary>Chooses the transport of the device door.</summary>
internal static class DeviceTransportFactory
{
    /// <remarks>Why loops cannot run here, <paramref name="whyUnsupported"/> says; without it the kernel is asked.</remarks>
    public static IDeviceTransport Create(
        DeviceOptions options, ILoggerFactory loggerFactory, TransportMetrics metrics, Func<string?>? whyUnsupported = null)
    {
        var settings = new TransportSettings
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

        TransportLog.FellBackToSockets(loggerFactory.CreateLogger<EventLoopTransport>(), why);
        return new SocketsTransport(settings, loggerFactory, metrics);
    }
}
