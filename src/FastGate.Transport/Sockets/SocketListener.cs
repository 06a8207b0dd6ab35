using System.Net;
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
internal sealed class SocketListener(
    Socket socket, TransportOptions options, Action<Socket> serve, ILogger logger, TransportMetrics metrics) : IDisposable
{
    /// <summary>Refusals before a pause, so that a storm of connects does not keep the process busy.</summary>
    private const int RefusalBatch = 64;

    private readonly AcceptGate _gate = new(logger, metrics, options.DescriptorCeiling);
    private readonly AcceptBackoff _backoff = new();
    private CancellationTokenSource _stop = new();
    private Task _accepting = Task.CompletedTask;
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
            },
            CancellationToken.None);
    }

    /// <summary>Completes when no accept is in progress. Connections wait in the kernel.</summary>
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
        Socket accepted = await socket.AcceptAsync(stop);
        if (!_gate.Admits((int)accepted.SafeHandle.DangerousGetHandle()))
        {
            SocketOperations.Refuse(accepted, options.Refusal.Span);
            if (++_refused % RefusalBatch == 0)
            {
                await DelayAsync(AcceptBackoff.FirstDelayMs, stop);
            }

            return;
        }

        if (options.Policy is { } policy && !IsServed(policy, accepted))
        {
            // A reset: the kernel keeps nothing of it, however long the peer keeps its side open.
            accepted.Close(0);
            return;
        }

        _backoff.Reset();
        serve(accepted);
    }

    /// <summary>Over the rate of all connects a connect is refused at once: the pool serves in the order of arrival, so a wait has no use.</summary>
    private static bool IsServed(IAcceptPolicy policy, Socket accepted)
    {
        try
        {
            return accepted.RemoteEndPoint is not IPEndPoint { Address: { } address }
                || (policy.Admits(LinuxAddress.ValueOf(address)) && policy.TakeTurn() == 0);
        }
        catch (SocketException)
        {
            // The peer has already reset the connection.
            return false;
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
