using System.Net;
using System.Runtime.InteropServices;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.HandOver;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace FastGate.Transport.Loops;

/// <summary>The transport on Linux event loops: one thread, one epoll and, as a rule, one listener per core.</summary>
public sealed partial class EventLoopTransport : IHandOverTransport
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
    private ConnectionDelegate? _connectionDelegate;
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

    /// <summary>The work of each loop so far. Any thread; reads one small file for each loop.</summary>
    internal IReadOnlyList<LoopLoad> Loads() => [.. _loops.Select(static loop => loop.Load)];

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
    public void Start(ConnectionDelegate connectionDelegate)
    {
        if (_descriptors.Length == 0)
        {
            throw new InvalidOperationException("The transport is not bound.");
        }

        // Ownership passes loop by loop: after an exception the loops that run own their listeners, and the other descriptors are still listed here.
        _connectionDelegate = connectionDelegate;
        int[] descriptors = _descriptors;
        for (int i = 0; i < _loops.Length; i++)
        {
            // One listener for each loop, but an earlier owner may have had more or fewer loops.
            int[] own = [.. descriptors.Where((_, index) => index % _loops.Length == i)];
            _descriptors = [.. _descriptors.Except(own)];
            _listeners = [.. _listeners, .. Attach(_loops[i], own)];
            _loops[i].Start();
        }

        _logger.LoopsListening(_loops.Length, EndPoint.ToString()!);
    }

    /// <inheritdoc/>
    public Task RespondAsync() => Task.WhenAll(_loops.Select(static loop =>
    {
        var ran = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(static state => ((TaskCompletionSource)state!).TrySetResult(), ran);
        return ran.Task;
    }));

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
            listener.Loop.Post(
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

    private List<EventLoopListener> Attach(EventLoop loop, int[] descriptors)
    {
        List<EventLoopListener> listeners =
            [.. descriptors.Select(descriptor => new EventLoopListener(loop, descriptor, _connectionDelegate!, _logger, _metrics, _isPaused))];
        try
        {
            listeners.ForEach(loop.Attach);
            return listeners;
        }
        catch
        {
            listeners.ForEach(static listener => listener.Dispose());
            throw;
        }
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
}
