using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Conversation.Workers;
using FastGate.Diagnostics;
using FastGate.Transport;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>
/// The stop, in order: readiness turns false, new upgrades are refused, turns in progress finish, devices are closed with 1001, memory is
/// written. Each step has its share of the deadline. The write of turns gets one second more; summaries, which can be made again, do not.
/// </summary>
internal sealed class GatewayDrain(
    DrainOptions options,
    ConnectionServices connections,
    ITransport transport,
    ConversationWorkers workers,
    Func<CancellationToken, Task> flushMemory,
    Func<ValueTask> stopSummaries,
    TimeProvider time,
    ILogger<GatewayDrain> log)
{
    /// <summary>What the write of turns gets after the deadline.</summary>
    internal static readonly TimeSpan FlushGrace = TimeSpan.FromSeconds(1);

    // The part of the deadline that is reserved for the close of devices and the write to disk.
    private static readonly TimeSpan s_closeShare = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_closeMargin = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(20);

    private volatile bool _draining;
    private volatile DrainOptions _options = options;

    public bool IsDraining => _draining;

    /// <summary>Called when it has begun. Set before.</summary>
    public Action? OnBegun { get; set; }

    /// <summary>A drain keeps the options it began with.</summary>
    public DrainOptions Options => _options;

    public void Apply(DrainOptions options) => _options = options;

    public async Task RunAsync()
    {
        DrainOptions options = _options;
        int devices = connections.Registry.Count;
        log.DrainBegun(devices);
        if (options.LoadBalancerWait > TimeSpan.Zero)
        {
            _draining = true;
            OnBegun?.Invoke();
            await Task.Delay(options.LoadBalancerWait, time);
        }

        // Without a wait, a client that sees "not ready" must be refused by the device listener already.
        connections.BeginDrain();
        _draining = true;
        OnBegun?.Invoke();
        long began = Environment.TickCount64;
        TimeSpan share = options.Deadline > 2 * s_closeShare ? s_closeShare : options.Deadline / 2;
        await FinishTurnsAsync(options.Deadline - share);
        await CloseDevicesAsync(Left());
        await transport.UnbindAsync(CancellationToken.None);
        bool written = await FlushMemoryAsync(Left() + FlushGrace);
        log.DrainEnded(devices, Environment.TickCount64 - began, written);

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
            // Repeated, because a device whose handshake was in progress when the drain began registers later.
            foreach (DeviceConnection connection in connections.Registry)
            {
                connection.RequestClose(ConnectionEndReason.Draining);
            }

            if (connections.Metrics.Open == 0 && transport.ConnectionCount == 0)
            {
                return;
            }

            // Without a registered device, the open connections are closing or have not finished a handshake; neither gets longer than a close.
            long now = Environment.TickCount64;
            lastDeviceSeen = connections.Registry.Count > 0 ? now : lastDeviceSeen;
            if (now - lastDeviceSeen > connections.Timeouts.CloseMs + s_closeMargin.TotalMilliseconds)
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
            // Starts before anything is awaited, so that a summary that does not end takes no time from it.
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
