using FastGate.Transport.Concurrency;

namespace FastGate.Transport.Loops;

/// <summary>Between two messages of a device its memory has left the processor's cache.</summary>
internal partial class LoopConnection
{
    /// <summary>What an event reads of this object.</summary>
    private const int Bytes = 128;

    /// <summary>What a message reads of the object that is called with it. Its flags are its last fields.</summary>
    private const int HandlerBytes = 256;

    /// <summary>An event of the connection follows soon.</summary>
    public static void Prefetch(LoopConnection? connection) => ObjectPrefetch.Load(connection, Bytes);

    /// <summary>The connection receives now, which takes longer than loading its handler.</summary>
    public void PrefetchHandler() => ObjectPrefetch.Load(_inputHandler, HandlerBytes);
}
