using System.Collections.Concurrent;
using FastGate.Transport.HandOver;

namespace FastGate.Tests.Transport.HandOver;

/// <summary>Detached sockets for <see cref="IHandOverTransport.AdoptAsync"/>, with the order in which they were read.</summary>
internal sealed class SocketList(IReadOnlyList<DetachedSocket> sockets) : IAdoptionSource
{
    private readonly ConcurrentQueue<int> _read = new();

    public int Count => sockets.Count;

    public IReadOnlyCollection<int> WasRead => _read;

    public DetachedSocket Read(int index, out object? state)
    {
        _read.Enqueue(index);
        state = "state";
        return sockets[index];
    }
}
