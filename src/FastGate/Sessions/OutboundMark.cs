namespace FastGate.Sessions;

/// <summary>
/// Tells another thread how far the loop is: the messages before it are written into the pipe when <see cref="Reached"/> completes, and are flushed to
/// the socket when a second mark, posted afterwards, completes. False when the connection has ended before.
/// </summary>
internal sealed class OutboundMark() : OutboundMessage(OutboundKind.Mark, [])
{
    private readonly TaskCompletionSource<bool> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<bool> Reached => _reached.Task;

    public void Complete(bool reached) => _reached.TrySetResult(reached);
}
