using FastGate.Cluster;

namespace FastGate.Tests.Cluster;

/// <summary>A call that waits for its answer.</summary>
internal sealed record FakeClaimCall(ClaimRequest[] Requests)
{
    public TaskCompletionSource<long[]> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
