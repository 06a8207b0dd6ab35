using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>The meter of all instruments. Each room's instruments are in a file of their own beside this one.</summary>
internal static class GatewayMeter
{
    public const string Name = "FastGate";

    public static Meter Create(IMeterFactory factory) => factory.Create(Name);
}
