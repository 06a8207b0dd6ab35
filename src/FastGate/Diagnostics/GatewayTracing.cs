using System.Diagnostics;

namespace FastGate.Diagnostics;

/// <summary>Spans: one for each turn and for each tool call in it. Without a trace exporter nothing listens, and starting a span is one check that returns null.</summary>
internal static class GatewayTracing
{
    public const string SourceName = "FastGate";

    private static readonly ActivitySource s_source = new(SourceName);

    public static Activity? StartTurn(string? purpose) => s_source.StartActivity("turn")?.SetTag("purpose", purpose);

    public static Activity? StartTool<T>(string? name, T source)
        where T : struct, Enum => s_source.StartActivity("tool")?.SetTag("tool", name).SetTag("source", source.ToString());

    public static void SetOutcome<T>(Activity? turn, T outcome)
        where T : struct, Enum => turn?.SetTag("outcome", outcome.ToString());
}
