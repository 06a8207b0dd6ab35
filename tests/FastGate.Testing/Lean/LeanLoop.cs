using System.Collections.Concurrent;

namespace FastGate.Testing.Lean;

/// <summary>
/// An event loop without sockets: the thread that drives <see cref="LeanConnection"/>s, and the buffers that they share. The delivering thread is
/// the loop; other threads reach a connection only through the queue of cancelled reads.
/// </summary>
public sealed class LeanLoop
{
    private const int BufferLength = 64 * 1024;

    private readonly ConcurrentQueue<LeanPipeReader> _posted = new();

    public LeanLoop() => Writer = new LeanPipeWriter(Sent);

    internal byte[] Received { get; } = new byte[BufferLength];

    internal byte[] Sent { get; } = new byte[BufferLength];

    /// <summary>Shared by all connections, because each flushes its output before the next one runs.</summary>
    internal LeanPipeWriter Writer { get; }

    /// <summary>Bytes flushed so far by all connections.</summary>
    public long SentBytes => Writer.SentBytes;

    /// <summary>The bytes of the last flush.</summary>
    public ReadOnlySpan<byte> LastSent => Sent.AsSpan(0, Writer.LastLength);

    /// <summary>Resumes the reads that other threads have cancelled.</summary>
    public void RunPosted()
    {
        while (_posted.TryDequeue(out LeanPipeReader? reader))
        {
            reader.ContinueCancelled();
        }
    }

    internal void Post(LeanPipeReader reader) => _posted.Enqueue(reader);
}
