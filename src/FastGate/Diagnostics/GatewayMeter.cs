using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>The one meter all instruments hang on; each room's instruments stand in a file of their own beside this one.</summary>
internal static class GatewayMeter
{
    public const string Name = "FastGate";

    public static Meter Create(IMeterFactory factory) => factory.Create(Name);
}
