using FastGate.Transport.Concurrency;

namespace FastGate.Tools.Device;

/// <summary>The <c>descriptors</c> or <c>states</c> of one message, on the way from the loop to the pool.</summary>
internal sealed class IotReport(byte[] json, bool isStates) : IStackNode<IotReport>
{
    /// <summary>An array's JSON.</summary>
    public byte[] Json { get; } = json;

    public bool IsStates { get; } = isStates;

    public IotReport? Next { get; set; }
}
