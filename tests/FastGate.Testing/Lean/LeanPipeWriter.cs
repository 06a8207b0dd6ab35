using System.IO.Pipelines;

namespace FastGate.Testing.Lean;

/// <summary>The writer of all <see cref="LeanConnection"/>s of a loop. A flush completes at once; the last one can be inspected.</summary>
internal sealed class LeanPipeWriter(byte[] buffer) : PipeWriter
{
    private int _written;

    public int LastLength { get; private set; }

    public long SentBytes { get; private set; }

    public override void Advance(int bytes) => _written += bytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => buffer.AsMemory(_written);

    public override Span<byte> GetSpan(int sizeHint = 0) => buffer.AsSpan(_written);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        SentBytes += _written;
        LastLength = _written;
        _written = 0;
        return default;
    }

    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null)
    {
    }
}
