using FastGate.Transport.Concurrency;

namespace FastGate.Transport.Loops;

/// <content>Prefetch: an event of this connection follows soon.</content>
internal partial class LoopConnection
{
    /// <summary>Loads what the event needs besides the connection itself: the reader, and the task that is the state of the handler.</summary>
    public void PrefetchInput()
    {
        ObjectPrefetch.FirstLines(_input);
        ObjectPrefetch.FirstLines(_handler);
    }
}
