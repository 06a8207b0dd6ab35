using FastGate.Testing;
using Perfolizer.Horology;

namespace FastGate.Benchmarks;

/// <summary>A clock of the thread's CPU time, which other processes do not influence.</summary>
internal sealed class ThreadCpuClock : IClock
{
    public string Title => nameof(ThreadCpuClock);

    public bool IsAvailable => true;

    public Frequency Frequency { get; } = new(1_000_000_000);

    public long GetTimestamp() => ThreadClock.NowNs;
}
