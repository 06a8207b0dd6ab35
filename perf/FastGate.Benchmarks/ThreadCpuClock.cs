using FastGate.Testing;
using Perfolizer.Horology;

namespace FastGate.Benchmarks;

/// <summary>Benchmarks are timed in CPU time of their thread: what a neighbour takes of the machine is not theirs.</summary>
internal sealed class ThreadCpuClock : IClock
{
    public string Title => nameof(ThreadCpuClock);

    public bool IsAvailable => true;

    public Frequency Frequency { get; } = new(1_000_000_000);

    public long GetTimestamp() => ThreadClock.NowNs;
}
