using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace FastGate.Transport.Loops;

/// <summary>The transport on Linux event loops: one thread, one listener and one epoll per core.</summary>
public sealed class EventLoopTransport : ITransport
{
    /// <summary>How long stopping waits for handlers to end.</summary>
    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(10);

    private readonly TransportOptions _options;
    private readonly TransportMetrics _metrics;
    private readonly ILogger _logger;
    private readonly EventLoop[] _loops;
    private int[] _descriptors = [];
    private EventLoopListener[] _listeners = [];
    private IPEndPoint? _endPoint;
    private int _disposed;

    /// <summary>Creates a transport that is not bound yet.</summary>
    /// <param name="options">The options.</param>
    /// <param name="loggerFactory">Loggers of the transport.</param>
    /// <param name="metrics">The instruments to use.</param>
    public EventLoopTransport(TransportOptions options, ILoggerFactory loggerFactory, TransportMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _metrics = metrics;
        _logger = loggerFactory.CreateLogger<EventLoopTransport>();
        _loops = new EventLoop[CountLoops(options.EventLoops)];
        for (int i = 0; i < _loops.Length; i++)
        {
            _loops[i] = new EventLoop(i, options, _logger, metrics);
        }
    }

    /// <inheritdoc/>
    public EndPoint EndPoint => _endPoint ?? throw new InvalidOperationException("The transport is not bound.");

    /// <inheritdoc/>
    public int ConnectionCount => _loops.Sum(static loop => loop.ConnectionCount);

    internal IReadOnlyList<EventLoop> Loops => _loops;

    /// <summary>The configured number of event loops, or one for each core.</summary>
    /// <param name="configured">As <see cref="TransportOptions.EventLoops"/>.</param>
    /// <returns>The number of threads.</returns>
    public static int CountLoops(int configured) => configured > 0 ? configured : Environment.ProcessorCount;

    /// <summary>Probes the kernel for what the loops need.</summary>
    /// <returns>Why they cannot run here; null when they can.</returns>
    public static string? WhyUnsupported()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "event loops need Linux";
        }

        if (RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
        {
            return $"{RuntimeInformation.ProcessArchitecture} is not x64 or arm64";
        }

        try
        {
            LibC.Prelink();

            // A sandbox may forbid calls that the kernel supports.
            int epoll = LinuxEpoll.Create();
            int wake = LinuxEpoll.CreateEvent();
            int listener = LinuxSocket.Create(ipv6: false);
            int reuse = listener < 0 ? listener : LinuxSocket.SetReusePort(listener);
            foreach (int descriptor in (ReadOnlySpan<int>)[epoll, wake, listener])
            {
                if (descriptor >= 0)
                {
                    LinuxSocket.Close(descriptor);
                }
            }

            int worst = Math.Min(Math.Min(epoll, wake), reuse);
            return worst < 0 ? LinuxError.Describe(worst) : null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return exception.Message;
        }
    }

    /// <inheritdoc/>
    public ValueTask BindAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentNullException.ThrowIfNull(endPoint);
        var descriptors = new List<int>();
        try
        {
            for (int i = 0; i < _loops.Length; i++)
            {
                descriptors.Add(CreateListener(_endPoint ?? endPoint, isFirst: i == 0));
                _endPoint ??= LinuxSocket.LocalEndPoint(descriptors[0]) ?? throw new IOException("getsockname failed.");
            }
        }
        catch
        {
            _endPoint = null;
            descriptors.ForEach(static descriptor => LinuxSocket.Close(descriptor));
            throw;
        }

        _descriptors = [.. descriptors];
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Start(ConnectionDelegate connectionDelegate)
    {
        if (_descriptors.Length == 0)
        {
            throw new InvalidOperationException("The transport is not bound.");
        }

        // Ownership passes one by one: after an exception the loops that run own their listeners, and the other descriptors are still listed here.
        for (int i = 0; i < _loops.Length; i++)
        {
            var listener = new EventLoopListener(_loops[i], _descriptors[0], connectionDelegate, _logger, _metrics);
            _descriptors = _descriptors[1..];
            try
            {
                _loops[i].Attach(listener);
            }
            catch
            {
                listener.Dispose();
                throw;
            }

            _listeners = [.. _listeners, listener];
            _loops[i].Start();
        }

        _logger.LoopsListening(_loops.Length, EndPoint.ToString()!);
    }

    /// <inheritdoc/>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken)
    {
        foreach (int descriptor in _descriptors)
        {
            LinuxSocket.Close(descriptor);
        }

        _descriptors = [];
        EventLoopListener[] listeners = Interlocked.Exchange(ref _listeners, []);
        var closed = new Task[listeners.Length];
        for (int i = 0; i < listeners.Length; i++)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            EventLoopListener listener = listeners[i];
            closed[i] = done.Task;
            _loops[i].Post(
                _ =>
                {
                    listener.Dispose();
                    done.SetResult();
                },
                null);
        }

        await Task.WhenAll(closed).WaitAsync(cancellationToken);
    }

    /// <summary>Stops accepting, aborts the open connections and waits, with a timeout, until every handler has ended.</summary>
    /// <returns>A task that completes when the loops have ended.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await UnbindAsync(CancellationToken.None);
        foreach (EventLoop loop in _loops)
        {
            loop.Post(static state => AbortAll((EventLoop)state!), loop);
        }

        long until = Environment.TickCount64 + (long)s_stopTimeout.TotalMilliseconds;
        int left;
        while ((left = _loops.Sum(static loop => loop.HandlerCount + loop.ConnectionCount)) > 0 && Environment.TickCount64 < until)
        {
            await Task.Delay(5);
        }

        if (left > 0)
        {
            _logger.HandlersLeft(left);
        }

        await Task.Run(() => Array.ForEach(_loops, static loop => loop.StopAndJoin(s_stopTimeout)));
    }

    private static void AbortAll(EventLoop loop)
    {
        List<LoopConnection> connections = [];
        loop.Connections.CopyTo(connections);
        foreach (LoopConnection connection in connections)
        {
            connection.Abort(new ConnectionAbortedException("The transport has stopped."));
        }
    }

    /// <summary>
    /// The first listener binds without sharing the port, so that a port in use by another process is an error instead of half of the
    /// connections. It allows sharing afterwards, for the other loops.
    /// </summary>
    private int CreateListener(IPEndPoint endPoint, bool isFirst)
    {
        bool ipv6 = endPoint.AddressFamily == AddressFamily.InterNetworkV6;
        int descriptor = LinuxError.ThrowIfError(LinuxSocket.Create(ipv6), "socket");
        try
        {
            LinuxSocket.SetReuseAddress(descriptor);
            if (ipv6 && endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                LinuxSocket.SetDualMode(descriptor);
            }

            if (!isFirst)
            {
                LinuxError.ThrowIfError(LinuxSocket.SetReusePort(descriptor), "SO_REUSEPORT");
            }

            Span<byte> address = stackalloc byte[LinuxSocket.AddressSize];
            int length = LinuxAddress.Write(endPoint, address);
            int bound = LinuxSocket.Bind(descriptor, address[..length]);
            if (bound == -LinuxError.AddressInUse)
            {
                throw new AddressInUseException($"{endPoint} is in use by another process.");
            }

            LinuxError.ThrowIfError(bound, $"bind {endPoint}");
            if (isFirst && _loops.Length > 1)
            {
                LinuxError.ThrowIfError(LinuxSocket.SetReusePort(descriptor), "SO_REUSEPORT");
            }

            LinuxError.ThrowIfError(LinuxSocket.SetStreamOptions(descriptor, _options), "setsockopt");
            int listening = LinuxSocket.Listen(descriptor, _options.Backlog);
            if (listening == -LinuxError.AddressInUse)
            {
                throw new AddressInUseException($"{endPoint} is in use by another process.");
            }

            LinuxError.ThrowIfError(listening, "listen");
            return descriptor;
        }
        catch
        {
            LinuxSocket.Close(descriptor);
            throw;
        }
    }
}
