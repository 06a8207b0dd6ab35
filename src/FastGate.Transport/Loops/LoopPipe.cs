namespace FastGate.Transport.Loops;

/// <summary>
/// Both halves of a connection's pipe. A connection that is called with its input has one only while it is served; then the loop's next connection
/// uses it. An idle device therefore keeps none, and the loop works with the same few, which stay in the processor's cache. Used on the loop only.
/// </summary>
internal sealed class LoopPipe
{
    public LoopPipeReader Reader { get; } = new();

    public LoopPipeWriter Writer { get; } = new();

    /// <summary>Nothing but a wait for input: another connection may use the pipe.</summary>
    public bool IsIdle => Reader.IsIdle && Writer.IsIdle;

    /// <summary>Gives the pipe to a connection.</summary>
    /// <param name="owner">The connection; null for none.</param>
    /// <param name="isWaiting">The connection has been waiting for input.</param>
    public void Bind(LoopConnection? owner, bool isWaiting)
    {
        Reader.Bind(owner, isWaiting);
        Writer.Bind(owner);
    }
}
