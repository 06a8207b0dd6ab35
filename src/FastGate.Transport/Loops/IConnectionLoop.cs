namespace FastGate.Transport.Loops;

/// <summary>
/// The thread a connection lives on, as a feature of its <c>ConnectionContext</c>. Awaiting the connection's own pipe brings a
/// handler back to it by itself; this is for whoever awaited something else and must touch what the loop owns before it reads
/// or flushes again.
/// </summary>
internal interface IConnectionLoop
{
    bool IsOnLoop { get; }

    /// <summary>Runs the action on the loop. Any thread; it must not block there.</summary>
    void Post(Action<object?> action, object? state);
}
