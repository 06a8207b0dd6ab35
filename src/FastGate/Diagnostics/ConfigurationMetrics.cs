using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of the configuration.</summary>
internal static class ConfigurationMetrics
{
    public static void Create(IMeterFactory factory, Func<long> applied, Func<long> refused) => GatewayMeter.Create(factory).CreateObservableCounter(
        "fastgate.configuration.reloads",
        () => (Measurement<long>[])[Of(applied(), "applied"), Of(refused(), "refused")],
        "{reload}",
        "Reloads of the configuration by outcome: applied, refused and without effect.");

    private static Measurement<long> Of(long count, string outcome) => new(count, new KeyValuePair<string, object?>("outcome", outcome));
}
