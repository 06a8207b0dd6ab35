using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>The meter of all instruments.</summary>
internal static class GatewayMeter
{
    public const string Name = "FastGate";

    public static Meter Create(IMeterFactory factory) => factory.Create(Name);
}
