using System.Globalization;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>
/// Reports to a service manager with <c>WatchdogSec=</c> that the gateway serves, three times in each of its intervals, and only when the threads that serve
/// devices respond: the manager restarts a process whose loop is stuck, although the process lives.
/// </summary>
internal sealed class SystemdWatchdog(TimeSpan interval, Func<Task> respond, Action ping, ILogger log, TimeProvider time) : IDisposable
{
    /// <summary>A response that takes as long still comes in time.</summary>
    private readonly TimeSpan _step = interval / 3;

    private readonly CancellationTokenSource _stop = new();

    /// <summary>Completes after the end.</summary>
    internal Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>The interval that the manager asks this process for; null for none.</summary>
    public static TimeSpan? IntervalFor(int processId, Func<string, string?> variable) =>
        long.TryParse(variable("WATCHDOG_USEC"), CultureInfo.InvariantCulture, out long microseconds) && microseconds > 1_000
        && (variable("WATCHDOG_PID") is not { Length: > 0 } owner || owner == processId.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;

    /// <summary>Pings now and until the end.</summary>
    public SystemdWatchdog Start()
    {
        Running = RunAsync();
        return this;
    }

    public void Dispose()
    {
        if (!_stop.IsCancellationRequested)
        {
            _stop.Cancel();
            _stop.Dispose();
        }
    }

    private async Task RunAsync()
    {
        CancellationToken stop = _stop.Token;
        try
        {
            while (true)
            {
                await PingAsync(stop);
                await Task.Delay(_step, time, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    private async Task PingAsync(CancellationToken stop)
    {
        Task response = respond();
        try
        {
            await response.WaitAsync(_step, time, stop);
        }
        catch (TimeoutException)
        {
            // A late response is as good as none for the manager; the next one may be in time.
            log.NotResponding(_step);
            return;
        }

        ping();
    }
}
