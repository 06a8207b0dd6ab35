using FastGate.Conversation.Workers;
using FastGate.Memory;
using FastGate.Memory.Summaries;

namespace FastGate.Http.Admin;

/// <summary><c>GET /api/v1/status</c>.</summary>
internal sealed record StatusReport
{
    public required string Version { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required long UptimeSeconds { get; init; }

    public required bool Ready { get; init; }

    public required bool Draining { get; init; }

    /// <summary>Why not ready, or what is amiss although ready.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    public required ListenersReport Listeners { get; init; }

    public required ConnectionsReport Connections { get; init; }

    public required ConversationStatus Conversation { get; init; }

    public required MemoryStatus Memory { get; init; }

    public required SummaryStatus Summaries { get; init; }

    public ProcessReport Process { get; init; } = ProcessReport.Now();
}
