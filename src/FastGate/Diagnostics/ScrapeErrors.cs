using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;

namespace FastGate.Diagnostics;

/// <summary>
/// Counts instruments that fail while they are read. The SDK leaves their values out and reports them to its event source alone.
/// </summary>
internal sealed class ScrapeErrors : EventListener
{
    private long _count;

    public ScrapeErrors(IMeterFactory meters) => meters.Create(ProcessMetrics.MeterName).CreateObservableCounter(
        "fastgate_scrape_errors", () => Volatile.Read(ref _count), null, "Instruments that failed while they were read.");

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "OpenTelemetry-Sdk")
        {
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName == "ObservableInstrumentCallbackException")
        {
            Interlocked.Increment(ref _count);
        }
    }
}
