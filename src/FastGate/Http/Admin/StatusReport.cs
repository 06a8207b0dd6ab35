using FastGate.Configuration.Loading;
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

    /// <summary>Why the gateway is not ready, or what is wrong although it is ready.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    public required ListenersReport Listeners { get; init; }

    public required ConnectionsReport Connections { get; init; }

    public required ConversationStatus Conversation { get; init; }

    public required MemoryStatus Memory { get; init; }

    public required SummaryStatus Summaries { get; init; }

    public ReloadStatus Configuration { get; init; } = ReloadStatus.None;

    public required RestartReport Restart { get; init; }

    /// <summary>This node of a cluster; null without one.</summary>
    public NodeStatus? Cluster { get; init; }

    public ProcessReport Process { get; init; } = ProcessReport.Now();
}

/// <summary>The bound addresses, and the transport of the device listener.</summary>
internal sealed record ListenersReport(string Devices, string Http, string Admin, string Transport);

/// <summary><paramref name="Open"/> counts sockets, including those that are still in their handshake; <paramref name="Registered"/> counts devices.</summary>
internal sealed record ConnectionsReport(int Open, int Registered, int Limit, long FailedHandshakes);

internal sealed record ProcessReport(int Id, long ResidentBytes, long ManagedBytes, double CpuSeconds, int PoolThreads, int Processors)
{
    public static ProcessReport Now() => new(
        Environment.ProcessId,
        Environment.WorkingSet,
        GC.GetTotalMemory(false),
        Math.Round(Environment.CpuUsage.TotalTime.TotalSeconds, 3),
        ThreadPool.ThreadCount,
        Environment.ProcessorCount);
}
