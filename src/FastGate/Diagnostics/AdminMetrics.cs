using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of the admin API.</summary>
internal sealed class AdminMetrics
{
    private readonly GatewayMeter _meter;
    private readonly Counter<long> _acts;
    private readonly Counter<long> _forgotten;

    public AdminMetrics(IMeterFactory factory)
    {
        GatewayMeter meter = _meter = GatewayMeter.Create(factory);
        _acts = meter.CreateCounter<long>("fastgate.admin.acts", "{act}", "Acts of the admin API by name and outcome: done, refused, failed, repeated");
        _forgotten = meter.CreateCounter<long>("fastgate.admin.answers_forgotten", "{answer}", "Recorded answers of acts that were forgotten at the bound, before their hour");
        _forgotten.Add(0);
    }

    public void Observe(Func<int> walks, Func<int> bans, Func<long> banned, Func<int> tagged, Func<int> profiles, Func<long> forgotten)
    {
        _meter.CreateObservableGauge("fastgate.admin.walks", walks, "{act}", "Acts on many devices that are in progress");
        _meter.CreateObservableGauge("fastgate.fleet.bans", bans, "{ban}", "Bans, with those that have ended and are not removed yet");
        _meter.CreateObservableCounter("fastgate.fleet.banned", banned, "{handshake}", "Handshakes that a ban refused");
        _meter.CreateObservableGauge("fastgate.fleet.tagged", tagged, "{device}", "Devices with tags");
        _meter.CreateObservableGauge("fastgate.fleet.profiles", profiles, "{device}", "Devices whose firmware, turns or ends are remembered");
        _meter.CreateObservableCounter("fastgate.fleet.profiles_forgotten", forgotten, "{device}", "Profiles of devices that were forgotten at the bound");
    }

    public void ObserveKinds(Func<int> waiting, Func<long> dropped)
    {
        _meter.CreateObservableGauge("fastgate.fleet.kinds_waiting", waiting, "{device}", "Devices whose firmware and board are not saved yet");
        _meter.CreateObservableCounter("fastgate.fleet.kinds_dropped", dropped, "{device}", "Firmware and board of devices that were not saved because too many waited");
    }

    public void ObserveRecords(Func<long> skipped) => _meter.CreateObservableCounter(
        "fastgate.records.skipped", skipped, "{record}", "Failed or ended connections without a record, because their source had many for the same reason");

    public void ObserveActivations(Func<int> waiting, Func<int> known)
    {
        _meter.CreateObservableGauge("fastgate.ota.waiting", waiting, "{device}", "Devices that wait for an operator to confirm their code");
        _meter.CreateObservableGauge("fastgate.ota.known", known, "{device}", "Devices that may get a token by OTA with their client id");
    }

    public void ObserveWatchers(Func<int> watchers) =>
        _meter.CreateObservableGauge("fastgate.admin.watchers", watchers, "{client}", "Clients that watch the events");

    public void Acted(string act, string outcome) =>
        _acts.Add(1, new KeyValuePair<string, object?>("act", act), new KeyValuePair<string, object?>("outcome", outcome));

    public void AnswerForgotten() => _forgotten.Add(1);
}
