namespace FastGate.Benchmarks.Baselines;

/// <summary>
/// The least that a socket could cost the framework's WebSocket: reads hand out the same frame again and again, one frame at most at a
/// time, as from a device that waits for its answer; writes are taken at once. Beyond the first <paramref name="copied"/> bytes of a frame
/// the reader's buffer is left as it is, as if the kernel had been there.
/// </summary>
internal sealed class RepeatingStream(byte[] frame, int copied) : Stream
{
    private int _position;

    public long Written { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override int Read(Span<byte> buffer)
    {
        int count = Math.Min(buffer.Length, frame.Length - _position);
        if (_position < copied)
        {
            frame.AsSpan(_position, Math.Min(count, copied - _position)).CopyTo(buffer);
        }

        _position += count;
        if (_position == frame.Length)
        {
            _position = 0;
        }

        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Written += buffer.Length;
        return default;
    }

    public override void Write(byte[] buffer, int offset, int count) => Written += count;

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
