using System.Collections.Concurrent;

namespace FastGate.Testing.Lean;

/// <summary>
/// The thread that drives <see cref="LeanConnection"/>s, with the buffers they share: an event loop without sockets. The
/// thread that delivers is the loop; other threads reach a connection only by posting here.
/// </summary>
public sealed class LeanLoop
{
    private const int BufferLength = 64 * 1024;

    private readonly ConcurrentQueue<LeanPipeReader> _posted = new();

    public LeanLoop() => Writer = new LeanPipeWriter(Sent);

    internal byte[] Received { get; } = new byte[BufferLength];

    internal byte[] Sent { get; } = new byte[BufferLength];

    /// <summary>One for all connections: what is written is flushed before the next connection's turn.</summary>
    internal LeanPipeWriter Writer { get; }

    /// <summary>Bytes flushed so far, by all connections.</summary>
    public long SentBytes => Writer.SentBytes;

    /// <summary>What was flushed last.</summary>
    public ReadOnlySpan<byte> LastSent => Sent.AsSpan(0, Writer.LastLength);

    /// <summary>Continues the reads that other threads have cancelled.</summary>
    public void RunPosted()
    {
        while (_posted.TryDequeue(out LeanPipeReader? reader))
        {
            reader.ContinueCancelled();
        }
    }

    internal void Post(LeanPipeReader reader) => _posted.Enqueue(reader);
}
