using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of the webhooks.</summary>
internal sealed class WebhookMetrics
{
    private readonly GatewayMeter _meter;
    private readonly Counter<long> _events;
    private readonly Counter<long> _attempts;

    public WebhookMetrics(IMeterFactory factory)
    {
        _meter = GatewayMeter.Create(factory);
        _events = _meter.CreateCounterAtZero(
            "fastgate.webhooks.events", "{event}", "Events for all URLs: delivered, or lost after their time or at a stop.", "outcome", "delivered", "lost");
        _attempts = _meter.CreateCounterAtZero("fastgate.webhooks.attempts", "{request}", "Requests to URLs, by outcome.", "outcome", "ok", "failed");
    }

    /// <summary>Called once.</summary>
    public void Observe(Func<long> pending, Func<long> dropped)
    {
        _meter.CreateObservableGauge("fastgate.webhooks.pending", pending, "{event}", "Events that wait for a URL.");
        _meter.CreateObservableCounter("fastgate.webhooks.dropped", dropped, "{event}", "Events dropped because too many waited for a URL.");
    }

    public void Delivered(int events) => _events.Add(events, new KeyValuePair<string, object?>("outcome", "delivered"));

    public void Lost(int events) => _events.Add(events, new KeyValuePair<string, object?>("outcome", "lost"));

    public void Attempted(bool isOk) => _attempts.Add(1, new KeyValuePair<string, object?>("outcome", isOk ? "ok" : "failed"));
}
