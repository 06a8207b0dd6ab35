using FastGate.Transport.Concurrency;

namespace FastGate.Transport.Loops;

/// <summary>Prefetch: an event of this connection follows soon.</summary>
internal partial class LoopConnection
{
    /// <summary>Loads what the event needs besides the connection itself: the object that is called with the input.</summary>
    public void PrefetchInput() => ObjectPrefetch.FirstLines(_inputHandler);
}
