using FastGate.HandOver;

namespace FastGate.Restart.TakeOver;

/// <summary>The running server, as a hand-over to another process sees it. One hand-over at a time.</summary>
internal interface ITakeOverSource
{
    /// <summary>The connections that are open now; more may come.</summary>
    int Connections { get; }

    /// <summary>The listening sockets, and the lock of the database. They stay open here until the process ends.</summary>
    IReadOnlyList<ListenerState> Listeners { get; }

    /// <summary>
    /// Stops accepting, finishes or cuts the turns, commits memory and takes all connections out of the transport. From here on none of their
    /// sockets is read, written or closed by this process until <see cref="ResumeAsync"/>.
    /// </summary>
    /// <param name="stop">The new process has gone: everything is as before when the task ends, and the task is cancelled.</param>
    Task<DetachedGateway> DetachAsync(CancellationToken stop);

    /// <summary>Serves these connections again and accepts.</summary>
    Task ResumeAsync(GatewayState state);
}
