using System.Net.Sockets;
using FastGate.Transport.Accept;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.Linux;
using Microsoft.Extensions.Logging;

namespace FastGate.Transport.Sockets;

/// <summary>
/// A listening socket of the sockets transport. It accepts by itself, because Kestrel's listener retries every error at once and spins when
/// descriptors run out. One task accepts at a time.
/// </summary>
internal sealed partial class SocketListener(
    Socket socket, TransportOptions options, Action<Socket> serve, ILogger logger, TransportMetrics metrics) : IDisposable
{
    /// <summary>Connects that wait and are served at once, and refusals before a pause: a storm of connects must not keep the process busy.</summary>
    private const int BatchSize = 64;

    private readonly AcceptGate _gate = new(logger, metrics, options.DescriptorCeiling);
    private readonly AcceptBackoff _backoff = new();
    private CancellationTokenSource _stop = new();
    private Task _accepting = Task.CompletedTask;

    // An accept that the kernel has not completed. Only a storm leaves one.
    private Task<Socket>? _accept;
    private int _refused;

    public int Descriptor => (int)socket.SafeHandle.DangerousGetHandle();

    /// <summary>Accepts again once <paramref name="earlier"/>, the accepts that were in progress, has ended.</summary>
    public void Start(Task earlier)
    {
        _stop = new CancellationTokenSource();
        CancellationToken stop = _stop.Token;
        _accepting = Task.Run(
            async () =>
            {
                await earlier;
                await AcceptUntilStoppedAsync(stop);
                await EndAcceptAsync();
            },
            CancellationToken.None);
    }

    /// <summary>Completes when no accept is in progress and nothing waits here. Connections wait in the kernel.</summary>
    public async Task HoldAsync()
    {
        await StopAsync();
        ServeAllWaiting();
    }

    /// <summary>Completes when no accept is in progress.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
    }

    /// <summary>After <see cref="StopAsync"/>. Another process may have the socket too: its events must end here, and it is not shut down.</summary>
    public void Dispose()
    {
        if (OperatingSystem.IsLinux() && !socket.SafeHandle.IsClosed)
        {
            RuntimeEpolls.Remove(Descriptor);
        }

        socket.Dispose();
        CloseAllWaiting();
        _gate.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptUntilStoppedAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await AcceptAsync(stop);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException exception)
            {
                AcceptErrorKind kind = SocketOperations.AcceptKind(exception.SocketErrorCode);
                metrics.AcceptFailed(kind);
                if (kind == AcceptErrorKind.Fatal)
                {
                    logger.ListenerLost(exception);
                    return;
                }

                await PauseAsync(kind, exception, stop);
            }
            catch (Exception exception)
            {
                // A defect must not close the listener: it continues, slowly.
                metrics.AcceptFailed(AcceptErrorKind.Pressure);
                await PauseAsync(AcceptErrorKind.Pressure, exception, stop);
            }
        }
    }

    private async Task AcceptAsync(CancellationToken stop)
    {
        if (_waiting.Count > 0 && options.Policy is { } policy)
        {
            await ServeStormAsync(policy, stop);
        }
        else if (await AcceptNextAsync(stop) is { } accepted)
        {
            if (options.Policy?.TakeTurn() > 0)
            {
                Wait(accepted);
            }
            else
            {
                serve(accepted);
            }
        }
    }

    /// <summary>The next connection that may be served; null after a refusal.</summary>
    private async ValueTask<Socket?> AcceptNextAsync(CancellationToken stop)
    {
        Task<Socket>? begun = _accept;
        _accept = null;
        Socket accepted = begun is null ? await socket.AcceptAsync(stop) : await begun;
        if (!_gate.Admits((int)accepted.SafeHandle.DangerousGetHandle()))
        {
            UInt128? address = AddressOf(accepted);
            SocketOperations.Refuse(accepted, options.Refusal.Span);
            Tell(address, AcceptRefusal.NoDescriptor);
            if (++_refused % BatchSize == 0)
            {
                await DelayAsync(AcceptBackoff.FirstDelayMs, stop);
            }

            return null;
        }

        if (options.Policy is { } policy && (AddressOf(accepted) is not { } source || !policy.Admits(source)))
        {
            // A reset: the kernel keeps nothing of it, however long the peer keeps its side open.
            accepted.Close(0);
            return null;
        }

        _backoff.Reset();
        return accepted;
    }

    /// <summary>An accept that was left by a storm may have been completed before it was cancelled.</summary>
    private async Task EndAcceptAsync()
    {
        try
        {
            if (_accept is not null && await AcceptNextAsync(CancellationToken.None) is { } accepted)
            {
                Wait(accepted);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It has taken no connection.
        }
    }

    private async Task PauseAsync(AcceptErrorKind kind, Exception exception, CancellationToken stop)
    {
        if (kind == AcceptErrorKind.Pressure && _gate.OnPressure(exception.Message))
        {
            return;
        }

        int delayMs = _backoff.NextDelayMs(kind);
        if (delayMs > 0)
        {
            logger.AcceptPaused(exception.Message, delayMs);
            await DelayAsync(delayMs, stop);
        }
    }

    private static async Task DelayAsync(int delayMs, CancellationToken stop) =>
        await Task.Delay(delayMs, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
