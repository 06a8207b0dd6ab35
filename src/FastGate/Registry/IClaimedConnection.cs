using FastGate.Transport.Concurrency;

namespace FastGate.Registry;

/// <summary>A connection that a directory of several nodes knows.</summary>
internal interface IClaimedConnection : IRegisteredConnection, IStackNode<IClaimedConnection>
{
    /// <summary>When the device connected, by the clock of this process. Any thread.</summary>
    long OpenedMs { get; }

    /// <summary>The directory's words of this connection.</summary>
    ref DirectoryClaim Claim { get; }

    /// <summary>A newer connection has taken the device id, and this one has left the registry. Any thread.</summary>
    void OnReplaced();
}
