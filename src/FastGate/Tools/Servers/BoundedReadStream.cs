namespace FastGate.Tools.Servers;

/// <summary>
/// Reads a server's output and fails when more bytes than the bound arrive without a line end: the package that parses the lines has no bound
/// of its own. With <paramref name="whole"/> the bound is that of the whole stream.
/// </summary>
internal sealed class BoundedReadStream(Stream inner, int bound, bool whole) : Stream
{
    private long _sinceLine;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Count(buffer.Span[..count]);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        int read = inner.Read(buffer, offset, count);
        Count(buffer.AsSpan(offset, read));
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Count(ReadOnlySpan<byte> read)
    {
        // A line within the bytes of one read is shorter than the bound; only the first and the last may be longer.
        int first = whole ? -1 : read.IndexOf((byte)'\n');
        long longest = _sinceLine + (first < 0 ? read.Length : first);
        _sinceLine = first < 0 ? longest : read.Length - read.LastIndexOf((byte)'\n') - 1;
        if (longest > bound)
        {
            throw new InvalidDataException(FormattableString.Invariant($"a message of more than {bound / 1_048_576} MiB"));
        }
    }
}
