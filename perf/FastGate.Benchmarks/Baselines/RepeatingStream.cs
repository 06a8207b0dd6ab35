namespace FastGate.Benchmarks.Baselines;

/// <summary>
/// The cheapest possible socket for the framework's WebSocket: reads return the same frame repeatedly, at most one per read, as from a
/// device that waits for its answer; writes complete at once. Only the first <paramref name="copied"/> bytes of a frame are copied, because
/// the kernel does the copy in the server.
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
