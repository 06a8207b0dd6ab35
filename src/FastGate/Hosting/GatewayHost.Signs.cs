using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Timers;

namespace FastGate.Hosting;

/// <summary>What the gateway shows of itself to collectors and to the service manager.</summary>
internal sealed partial class GatewayHost
{
    private static readonly TimeSpan s_exportLimit = TimeSpan.FromSeconds(1);

    /// <summary>Sends what waits for the collector, before the program is replaced.</summary>
    public void FlushTelemetry() => _telemetry.Flush((int)s_exportLimit.TotalMilliseconds);

    /// <summary>Completes when the timer thread and every event loop have run something: what devices are served by is not stuck.</summary>
    public Task RespondAsync()
    {
        var probe = new TimerProbe(_clock.NowMs);
        _timers.Schedule(probe);
        return Task.WhenAll(probe.Fired, _transport.RespondAsync());
    }

    private static TelemetryExport ExportOf(TelemetryOptions options) => new()
    {
        Endpoint = options.Endpoint is null ? null : new Uri(options.Endpoint),
        IsGrpc = options.Protocol == TelemetryProtocol.Grpc,
        Headers = options.Headers,
        Traces = options.Traces,
        Metrics = options.Metrics,
        Logs = options.Logs,
        TraceOneIn = options.TraceOneIn,
    };

    /// <summary>Is due at once; runs on the timer thread.</summary>
    private sealed class TimerProbe(long deadline) : TimerEntry
    {
        private readonly TaskCompletionSource _fired = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Fired => _fired.Task;

        protected internal override long NextDeadline => _fired.Task.IsCompleted ? Never : deadline;

        protected internal override void OnDeadline(long nowMs) => _fired.TrySetResult();
    }
}
