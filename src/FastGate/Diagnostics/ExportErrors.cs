using System.Diagnostics.Tracing;
using Microsoft.Extensions.Logging;

namespace FastGate.Diagnostics;

/// <summary>
/// Logs that a collector did not take an export, at most once a minute: the SDK reports it to its event source alone, and the log itself may be what
/// is exported.
/// </summary>
internal sealed class ExportErrors(ILogger logger, TimeProvider time) : EventListener
{
    internal static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private const string Source = "OpenTelemetry-Exporter-OpenTelemetryProtocol";

    private long _loggedAt;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Source)
        {
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        // Any thread. The first argument may be the collector's address, which may contain a password; the second names the exception.
        if (eventData.EventSource.Name == Source && logger is not null && TryTake())
        {
            logger.ExportFailed(eventData.EventName ?? "");
        }
    }

    private bool TryTake()
    {
        long now = time.GetTimestamp();
        long last = Interlocked.Read(ref _loggedAt);
        return (last == 0 || time.GetElapsedTime(last, now) >= Every) && Interlocked.CompareExchange(ref _loggedAt, now, last) == last;
    }
}
