using System.Net;

namespace FastGate.Transport.HandOver;

/// <summary>A transport whose listening sockets and connections can be given away and taken over.</summary>
public interface IHandOverTransport : ITransport
{
    /// <summary>Descriptors of the listening sockets. They stay open and keep their backlog while accepting is paused.</summary>
    IReadOnlyList<int> Listeners { get; }

    /// <summary>
    /// How many more connections may be asked to detach now, with those that have been asked. A detached connection may need two descriptors for a while, and
    /// one that gets no second one cannot be kept. Any thread.
    /// </summary>
    int DetachingRoom { get; }

    /// <summary>Uses listening sockets of another owner instead of <see cref="ITransport.BindAsync"/>; takes ownership of all of them.</summary>
    /// <param name="listeners">Their descriptors; there may be more or fewer than loops.</param>
    /// <param name="configured">The configured address, which they must have.</param>
    /// <returns>False, with no listener taken, when an address differs.</returns>
    bool TryAdoptListeners(IReadOnlyList<int> listeners, IPEndPoint configured);

    /// <summary>Stops accepting; new connections wait in the backlog of the kernel. Completes when no accept is in progress.</summary>
    /// <returns>A task that completes when accepting has stopped.</returns>
    ValueTask PauseAcceptingAsync();

    /// <summary>Accepts again after <see cref="PauseAcceptingAsync"/>.</summary>
    void ResumeAccepting();

    /// <summary>
    /// Runs the connection delegate for an open socket. The connection has the feature <see cref="IAdoptedConnection"/>. Any thread, after
    /// <see cref="ITransport.Start"/>. The delegate runs until its first wait before the first byte is read.
    /// </summary>
    /// <param name="socket">The socket and its bytes; ownership passes to the transport.</param>
    /// <param name="state">Passed to the delegate; null for a connection that only has to be closed in order, which runs no delegate.</param>
    void Adopt(DetachedSocket socket, object? state);

    /// <summary>As <see cref="Adopt"/>, for all connections of another owner. The first ones are served while the last ones are read.</summary>
    /// <param name="source">The connections.</param>
    /// <returns>A task that completes when each is adopted, or closed where that failed.</returns>
    Task AdoptAsync(IAdoptionSource source);

    /// <summary>
    /// Takes out the connections whose delegate has ended and whose last bytes are still being sent. Any thread.
    /// </summary>
    /// <returns>Their sockets, to be adopted without a state.</returns>
    ValueTask<IReadOnlyList<DetachedSocket>> DetachClosingAsync();
}
