using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Conversation.Workers;
using FastGate.Diagnostics;
using FastGate.Transport;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>
/// The stop, in order: not ready any more, new upgrades refused, turns in progress finished, devices told 1001, memory on disk. Every step
/// has its share of the deadline and none waits beyond it; only what was said is given a second more, and summaries, which can be made again,
/// are given up meanwhile.
/// </summary>
internal sealed class GatewayDrain(
    DrainOptions options,
    ConnectionServices door,
    ITransport transport,
    ConversationWorkers workers,
    Func<CancellationToken, Task> flushMemory,
    Func<ValueTask> stopSummaries,
    TimeProvider time,
    ILogger<GatewayDrain> log)
{
    // Of the deadline, what is kept for telling the devices and for the disk.
    private static readonly TimeSpan s_closeShare = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_flushGrace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_closeMargin = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(20);

    private volatile bool _draining;
    private volatile DrainOptions _options = options;

    public bool IsDraining => _draining;

    /// <summary>In force for a drain that has not begun.</summary>
    public void Apply(DrainOptions options) => _options = options;

    public async Task RunAsync()
    {
        DrainOptions options = _options;
        int devices = door.Registry.Count;
        log.DrainBegun(devices);
        if (options.LoadBalancerWait > TimeSpan.Zero)
        {
            _draining = true;
            await Task.Delay(options.LoadBalancerWait, time);
        }

        // Without a wait, whoever sees "not ready" must find the device door refusing already.
        door.BeginDrain();
        _draining = true;
        long began = Environment.TickCount64;
        TimeSpan share = options.Deadline > 2 * s_closeShare ? s_closeShare : options.Deadline / 2;
        await FinishTurnsAsync(options.Deadline - share);
        await CloseDevicesAsync(Left());
        await transport.UnbindAsync(CancellationToken.None);
        bool kept = await FlushMemoryAsync(Left() + s_flushGrace);
        log.DrainEnded(devices, Environment.TickCount64 - began, kept);

        TimeSpan Left()
        {
            TimeSpan left = options.Deadline - TimeSpan.FromMilliseconds(Environment.TickCount64 - began);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    private async Task FinishTurnsAsync(TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        await workers.DrainAsync(deadline.Token);
    }

    private async Task CloseDevicesAsync(TimeSpan limit)
    {
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        long lastDeviceSeen = Environment.TickCount64;
        do
        {
            // Again each time round: a device whose handshake was under way when the drain began is found once it has registered.
            foreach (DeviceConnection connection in door.Registry)
            {
                connection.RequestClose(ConnectionEndReason.Draining);
            }

            if (door.Metrics.Open == 0 && transport.ConnectionCount == 0)
            {
                return;
            }

            // Without a device left, what is still open says goodbye or never said who it is: neither gets longer than a close takes.
            long now = Environment.TickCount64;
            lastDeviceSeen = door.Registry.Count > 0 ? now : lastDeviceSeen;
            if (now - lastDeviceSeen > door.Timeouts.CloseMs + s_closeMargin.TotalMilliseconds)
            {
                return;
            }

            await Task.Delay(s_pollEvery);
        }
        while (Environment.TickCount64 < deadline);
    }

    private async Task<bool> FlushMemoryAsync(TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        Task summaries = stopSummaries().AsTask();
        try
        {
            // Begun before anything is waited for: what was said is not to lose its time to a summary that does not end.
            await flushMemory(deadline.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            await Task.WhenAny(summaries, Task.Delay(Timeout.InfiniteTimeSpan, deadline.Token));
        }
    }
}
