using FastGate.Auth;
using FastGate.Configuration.Loading;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Llm.Catalog;
using FastGate.Memory.Journal;
using FastGate.Memory.Summaries;
using FastGate.Sessions;
using FastGate.Speech;
using FastGate.Tools.Servers;

namespace FastGate.Hosting;

/// <summary>
/// What a reload changes in a running gateway. Keys that are not here are either read from <see cref="GatewayConfiguration.Current"/> at each use
/// (<c>Http</c>, <c>Vision</c>, <c>Admin:Token</c>) or take effect at the next start (<see cref="StartOnlyKeys"/>).
/// </summary>
internal sealed class ConfigurationReload(
    LlmCatalog catalog,
    AuthPolicy auth,
    SessionServices sessions,
    MemoryWriter memory,
    MemorySummarizer summarizer,
    GatewayDrain drain,
    ConnectionServices connections,
    SpeechServices speech,
    SpeechMetrics speechMetrics,
    McpServers mcp,
    TimeProvider time)
{
    /// <summary>
    /// Prepares what can fail, in this order; an exception refuses the whole reload before anything has changed. The returned steps apply it, in
    /// this order too.
    /// </summary>
    public IReadOnlyList<Action> Prepare(GatewaySnapshot before, GatewaySnapshot next) =>
    [
        // An unchanged LLM configuration is not applied again, because it would log its warnings again.
        .. next.IsSameBelow("Llm", before) ? (Action[])[] : [catalog.Prepare(next.Llm)],
        auth.Prepare(next.Options.Auth),
        sessions.Prepare(next.Options),
        .. next.IsSameBelow("Speech", before) ? (Action[])[] : [speech.Prepare(next.Options.Speech, SpeechProviders.Create(next.Speech, speechMetrics, time))],
        .. next.IsSameBelow("Mcp", before) ? (Action[])[] : [mcp.Prepare(next.Mcp)],
        () => memory.Apply(next.Options.Memory),
        () => summarizer.Apply(next.Options.Memory),
        () => drain.Apply(next.Options.Drain),
        () => connections.Limits.Apply(next.Options.Devices.Rates),
        () => connections.Origins = ConnectionServices.OriginsOf(next.Options),

        // Visits every connection, so only when something changed.
        .. next.Options.Devices.Timeouts == before.Options.Devices.Timeouts ? (Action[])[] : [() => connections.Apply(next.Options.Devices.Timeouts)],
    ];
}
