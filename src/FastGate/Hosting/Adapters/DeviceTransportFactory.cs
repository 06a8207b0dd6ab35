using FastGate.Configuration.Options;
using FastGate.Transport;
using FastGate.Transport.Accept;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.Loops;
using FastGate.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting.Adapters;

/// <summary>Creates the transport of the device listener from the options.</summary>
internal static partial class DeviceTransportFactory
{
    /// <param name="options">The device options.</param>
    /// <param name="loggerFactory">Loggers for the transport.</param>
    /// <param name="metrics">Instruments of the transport.</param>
    /// <param name="policy">Which connects are served.</param>
    /// <param name="whyUnsupported">Returns why event loops cannot run here, or null; by default the kernel is probed.</param>
    public static ITransport Create(
        DeviceOptions options, ILoggerFactory loggerFactory, TransportMetrics metrics, IAcceptPolicy? policy = null, Func<string?>? whyUnsupported = null)
    {
        var settings = new TransportOptions
        {
            EventLoops = options.EventLoops,
            Linger = options.Timeouts.Close,
            KeepAlive = options.KeepAlive,
            Policy = policy,
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

    /// <summary>
    /// The configured limit of connections, lowered with a warning when the limit of open files is too small for it, but never below the connections
    /// that the program before this one has left.
    /// </summary>
    public static int ClampConnections(DeviceOptions options, int inherited, ILogger logger)
    {
        int loops = options.Transport == DeviceTransportKind.Sockets ? 0 : EventLoopTransport.CountLoops(options.EventLoops);
        var budget = DescriptorBudget.OfProcess();
        int allowed = budget.CountDevices(loops, inherited);
        if (options.MaxConnections > allowed)
        {
            logger.ConnectionsClamped(options.MaxConnections, allowed);
        }

        int devices = Math.Max(inherited, Math.Min(options.MaxConnections, allowed));
        logger.DescriptorShares(budget.Limit, devices, budget.Http, budget.Admin, budget.Calls);
        return devices;
    }

    /// <summary>The configured number of concurrent turns, lowered with a warning when the limit of open files is too small for their connections.</summary>
    public static ConversationWorkerOptions ClampCalls(ConversationWorkerOptions options, ILogger logger)
    {
        int allowed = DescriptorBudget.OfProcess().Calls;
        if (options.Concurrency <= allowed)
        {
            return options;
        }

        logger.CallsClamped(options.Concurrency, allowed);
        return options with { Concurrency = allowed };
    }

    [LoggerMessage(
        5013,
        LogLevel.Information,
        "The limit of {Limit} open files allows {Devices} devices, {Http} connections of the HTTP listener, {Admin} of the admin listener and {Calls} calls of models")]
    private static partial void DescriptorShares(this ILogger logger, int limit, int devices, int http, int admin, int calls);

    [LoggerMessage(
        5012,
        LogLevel.Warning,
        "FastGate:Workers:Conversation:Concurrency is {Configured}, but the limit of open files leaves room for {Allowed}; raise it with ulimit -n or LimitNOFILE")]
    private static partial void CallsClamped(this ILogger logger, int configured, int allowed);

    [LoggerMessage(
        5009,
        LogLevel.Warning,
        "FastGate:Devices:MaxConnections is {Configured}, but the limit of open files leaves room for {Allowed}; raise it with ulimit -n or LimitNOFILE")]
    private static partial void ConnectionsClamped(this ILogger logger, int configured, int allowed);
}
