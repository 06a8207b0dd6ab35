using FastGate.HandOver;

namespace FastGate.Restart.TakeOver;

/// <summary>The new process, as a hand-over sees it.</summary>
internal interface ITakeOverSink
{
    /// <summary>The connections that this process has descriptors for.</summary>
    int Capacity { get; }

    /// <summary>Uses the listening sockets, without accepting yet; takes ownership of their descriptors.</summary>
    /// <returns>Why they cannot be used, for example because an address differs; null when they can.</returns>
    string? AdoptListeners(IReadOnlyList<ListenerState> listeners);

    /// <summary>
    /// Serves the connections. The first call opens memory, to which the running server writes no more. Completes when every connection has been
    /// adopted by its loop.
    /// </summary>
    /// <param name="state">The connections of one stage, with the descriptors of this process.</param>
    /// <param name="unreadable">Connections of the stage that can only be closed.</param>
    Task AdoptAsync(GatewayState state, IReadOnlyList<UnreadableConnection> unreadable);

    /// <summary>Begins to accept.</summary>
    Task AcceptAsync();
}
