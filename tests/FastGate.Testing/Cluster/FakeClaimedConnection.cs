using FastGate.Registry;
using FastGate.Transport.Concurrency;

namespace FastGate.Testing.Cluster;

/// <summary>A connection that only knows whether it was replaced.</summary>
internal sealed class FakeClaimedConnection(string deviceId, long openedMs) : IClaimedConnection
{
    private DirectoryClaim _claim;
    private IClaimedConnection? _next;
    private int _replaced;

    public string DeviceId => deviceId;

    public long OpenedMs => openedMs;

    public ref DirectoryClaim Claim => ref _claim;

    public long Epoch => Volatile.Read(in _claim.Epoch);

    /// <summary>How often it was notified that another connection has its device.</summary>
    public int Replaced => Volatile.Read(ref _replaced);

    IClaimedConnection? IStackNode<IClaimedConnection>.Next
    {
        get => _next;
        set => _next = value;
    }

    public void OnReplaced() => Interlocked.Increment(ref _replaced);

    public override string ToString() => $"{deviceId} opened at {openedMs}, epoch {Epoch}, replaced {Replaced}";
}
