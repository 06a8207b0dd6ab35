using FastGate.Transport.HandOver;

namespace FastGate.Transport.Loops;

/// <summary>A connection that was open before this transport.</summary>
internal sealed class AdoptedLoopConnection(EventLoop loop, int descriptor, ReadOnlySpan<byte> address, object state)
    : LoopConnection(loop, descriptor, address), IAdoptedConnection
{
    private object? _state = state;

    /// <inheritdoc/>
    public object State => _state ?? throw new InvalidOperationException("The state is for the delegate, until its first wait.");

    /// <summary>The delegate has taken what it needs.</summary>
    public void DropState() => _state = null;
}
