using System.Diagnostics;

namespace FastGate.CommandLine.Simulation;

/// <summary>All devices of a run. They are asynchronous methods on the pool, so their number does not add threads.</summary>
internal sealed class SimFleet(SimSettings settings)
{
    public SimCounters Counters { get; } = new();

    /// <summary>Starts the devices at the rate and returns when all have ended, or when cancelled and all have left.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using HttpClient? http = settings.Target.Scheme is "http" or "https"
            ? new HttpClient(new SocketsHttpHandler { UseProxy = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10) }) { Timeout = settings.ReplyTimeout, MaxResponseContentBufferSize = 64 * 1024 }
            : null;
        SimOta? ota = http is null ? null : new SimOta(http, settings.Target);
        List<Task> devices = new(settings.Count);
        long begun = Stopwatch.GetTimestamp();
        try
        {
            for (int number = 0; number < settings.Count; number++)
            {
                TimeSpan early = TimeSpan.FromSeconds((double)number / settings.Rate) - Stopwatch.GetElapsedTime(begun);
                if (early > TimeSpan.Zero)
                {
                    await Task.Delay(early, cancellation);
                }

                cancellation.ThrowIfCancellationRequested();
                devices.Add(new SimDevice(settings, number, ota, Counters).RunAsync(cancellation));
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The devices that were started leave below.
        }

        await Task.WhenAll(devices);
    }
}
