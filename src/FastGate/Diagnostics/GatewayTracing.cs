using System.Diagnostics;

namespace FastGate.Diagnostics;

/// <summary>
/// Spans: one for each turn, for each tool call in it, and for each stage of a spoken one. Without a trace exporter nothing listens, and starting a span is
/// one check that returns null.
/// </summary>
internal static class GatewayTracing
{
    public const string SourceName = "FastGate";

    private static readonly ActivitySource s_source = new(SourceName);

    public static Activity? StartTurn(string? purpose) => s_source.StartActivity("turn")?.SetTag("purpose", purpose);

    public static Activity? StartTool<T>(string? name, T source)
        where T : struct, Enum => s_source.StartActivity("tool")?.SetTag("tool", name).SetTag("source", source.ToString());

    /// <summary>
    /// A stage of a spoken turn that has ended now, as a child of the turn's span. Stages are measured where they end, because they begin on other
    /// threads, some before their turn.
    /// </summary>
    /// <param name="turn">The turn's span; without one nothing is recorded.</param>
    /// <param name="stage">Name of the stage.</param>
    /// <param name="provider">Alias of the provider, or empty.</param>
    /// <param name="duration">How long it took.</param>
    /// <param name="endedAgo">How long ago it ended.</param>
    public static void Stage(ActivityContext turn, string stage, string provider, TimeSpan duration, TimeSpan endedAgo = default)
    {
        if (turn == default || !s_source.HasListeners())
        {
            return;
        }

        DateTimeOffset end = DateTimeOffset.UtcNow - endedAgo;
        using Activity? span = s_source.StartActivity(stage, ActivityKind.Internal, turn, startTime: end - duration);
        if (span is not null)
        {
            if (provider.Length > 0)
            {
                span.SetTag("provider", provider);
            }

            span.SetEndTime(end.UtcDateTime);
        }
    }

    public static void SetOutcome<T>(Activity? turn, T outcome)
        where T : struct, Enum => turn?.SetTag("outcome", outcome.ToString());
}
