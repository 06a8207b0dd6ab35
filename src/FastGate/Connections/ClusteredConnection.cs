using FastGate.Registry;
using FastGate.Transport.Concurrency;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Connections;

/// <summary>
/// A connection of a node of a cluster. A class of its own, so that a server without a cluster does not keep these words for every device.
/// </summary>
internal sealed class ClusteredConnection(ConnectionServices services, ConnectionContext context, IDeviceDirectory directory)
    : DeviceConnection(services, context), IClaimedConnection
{
    private DirectoryClaim _claim;
    private IClaimedConnection? _next;

    /// <inheritdoc/>
    public ref DirectoryClaim Claim => ref _claim;

    IClaimedConnection? IStackNode<IClaimedConnection>.Next
    {
        get => _next;
        set => _next = value;
    }

    private protected override long ClaimEpoch
    {
        get => Volatile.Read(in _claim.Epoch);
        set => _claim.Epoch = value;
    }

    private protected override void OnRegistered() => directory.Registered(this);

    private protected override void OnLeft() => directory.Left(this);
}
