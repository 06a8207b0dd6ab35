using FastGate.Transport.HandOver;

namespace FastGate.Testing;

/// <summary>A connection that continues another one, as a transport adopts it.</summary>
public sealed class AdoptedConnection : InMemoryConnection, IAdoptedConnection
{
    /// <param name="device">The connection that was detached.</param>
    /// <param name="unread">The input that the device has sent before.</param>
    /// <param name="unsent">Output that the device has not received.</param>
    /// <param name="state">For the handler.</param>
    public AdoptedConnection(InMemoryConnection device, ReadOnlyMemory<byte> unread, ReadOnlyMemory<byte> unsent, object state)
        : base(device)
    {
        State = state;
        PeerOutput.WriteAsync(unread).AsTask().GetAwaiter().GetResult();
        Transport.Output.WriteAsync(unsent).AsTask().GetAwaiter().GetResult();
    }

    public object State { get; }
}
