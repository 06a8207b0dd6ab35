using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of the admin API.</summary>
internal sealed class AdminMetrics
{
    private readonly Counter<long> _acts;
    private readonly Counter<long> _forgotten;

    public AdminMetrics(IMeterFactory factory)
    {
        Meter meter = GatewayMeter.Create(factory);
        _acts = meter.CreateCounter<long>("fastgate.admin.acts", "{act}", "Acts of the admin API by name and outcome: done, refused, failed, repeated");
        _forgotten = meter.CreateCounter<long>("fastgate.admin.answers_forgotten", "{answer}", "Recorded answers of acts that were forgotten at the bound, before their hour");
        _forgotten.Add(0);
    }

    public void Acted(string act, string outcome) =>
        _acts.Add(1, new KeyValuePair<string, object?>("act", act), new KeyValuePair<string, object?>("outcome", outcome));

    public void AnswerForgotten() => _forgotten.Add(1);
}
