using System.Collections.Concurrent;

namespace FastGate.Transport.Tls;

/// <summary>
/// What all TLS connections share: certificates, the bound of handshakes in progress, and their computation on the thread pool, of which at most
/// <paramref name="concurrency"/> run at once. The others wait in order of arrival; their number is bounded by <paramref name="pending"/>, and their
/// time by the deadline of their connections.
/// </summary>
internal sealed class TlsServer(ITlsCertificates certificates, int concurrency, int pending) : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<TlsHandshake> _queue = new();
    private int _running;
    private int _inProgress;
    private long _open;
    private long _succeeded;
    private long _failed;
    private long _refused;
    private long _abandoned;

    public ITlsCertificates Certificates { get; } = certificates;

    /// <summary>Handshakes that have begun and not ended.</summary>
    public int InProgress => Volatile.Read(ref _inProgress);

    /// <summary>Connections after their handshake.</summary>
    public long Open => Volatile.Read(ref _open);

    public bool IsUsed => Open > 0 || InProgress > 0;

    public long Succeeded => Volatile.Read(ref _succeeded);

    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Beyond the bound of handshakes in progress.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Handshakes whose connection ended first, mostly by its deadline.</summary>
    public long Abandoned => Volatile.Read(ref _abandoned);

    /// <summary>False, which is counted, when too many handshakes are in progress.</summary>
    public bool TryBegin()
    {
        if (Interlocked.Increment(ref _inProgress) <= pending)
        {
            return true;
        }

        Interlocked.Decrement(ref _inProgress);
        Interlocked.Increment(ref _refused);
        return false;
    }

    /// <summary>Ends what <see cref="TryBegin"/> has begun.</summary>
    public void OnHandshakeEnded(bool succeeded)
    {
        Interlocked.Decrement(ref _inProgress);
        Interlocked.Increment(ref succeeded ? ref _succeeded : ref _failed);
        if (succeeded)
        {
            Interlocked.Increment(ref _open);
        }
    }

    public void OnAbandoned()
    {
        Interlocked.Decrement(ref _inProgress);
        Interlocked.Increment(ref _abandoned);
    }

    /// <summary>A failure before a handshake began.</summary>
    public void CountFailure() => Interlocked.Increment(ref _failed);

    public void OnClosed() => Interlocked.Decrement(ref _open);

    /// <summary>Runs the next part of the handshake on the pool.</summary>
    public void Compute(TlsHandshake handshake)
    {
        _queue.Enqueue(handshake);
        TryRun();
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (_queue.TryDequeue(out TlsHandshake? handshake))
        {
            handshake.Run();
        }

        Interlocked.Decrement(ref _running);
        TryRun();
    }

    /// <remarks>
    /// No handshake is left in the queue without a thread: one side enqueues and then reads the count, the other one lowers the count and then reads
    /// the queue, each with a full fence in between, so at least one of the two sees the other.
    /// </remarks>
    private void TryRun()
    {
        Interlocked.MemoryBarrier();
        int running = Volatile.Read(ref _running);
        while (running < concurrency && !_queue.IsEmpty)
        {
            int seen = Interlocked.CompareExchange(ref _running, running + 1, running);
            if (seen == running)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }

            running = seen;
        }
    }
}
