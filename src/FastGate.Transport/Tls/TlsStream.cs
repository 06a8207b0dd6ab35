using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace FastGate.Transport.Tls;

/// <summary>
/// The encrypted side of a TLS connection, as the stream that the library reads and writes: the connection's pipe, or its <see cref="TlsHandshake"/>
/// while there is one.
/// </summary>
internal sealed class TlsStream(IDuplexPipe pipe, Action onCanceled) : Stream
{
    private volatile bool _isEnding;

    /// <summary>Null before and after the handshake. Loop only.</summary>
    public TlsHandshake? Handshake { get; set; }

    /// <summary>Bytes that came during the handshake and are read first. Loop only.</summary>
    public ReadOnlyMemory<byte> Early { get; set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A read that waits returns the end of the input.</summary>
    public void EndReading()
    {
        _isEnding = true;
        pipe.Input.CancelPendingRead();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Handshake is { } handshake ? handshake.ReadAsync(buffer) : Early.IsEmpty ? ReadPipeAsync(buffer) : new ValueTask<int>(ReadEarly(buffer.Span));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Handshake is { } handshake)
        {
            handshake.Write(buffer.Span);
            return default;
        }

        pipe.Output.Write(buffer.Span);
        ValueTask<FlushResult> flush = pipe.Output.FlushAsync(CancellationToken.None);
        if (flush.IsCompletedSuccessfully)
        {
            _ = flush.Result;
            return default;
        }

        return new ValueTask(flush.AsTask());
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private int ReadEarly(Span<byte> buffer)
    {
        int count = Math.Min(buffer.Length, Early.Length);
        Early.Span[..count].CopyTo(buffer);
        Early = count == Early.Length ? default : Early[count..];
        return count;
    }

    /// <summary>An empty buffer waits for input and takes none of it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadPipeAsync(Memory<byte> buffer)
    {
        while (!_isEnding)
        {
            ReadResult read = await pipe.Input.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            if (read.IsCanceled)
            {
                // The bytes stay unexamined, so that the next read returns them.
                pipe.Input.AdvanceTo(read.Buffer.Start);
                onCanceled();
                continue;
            }

            int count = (int)Math.Min(buffer.Length, read.Buffer.Length);
            ReadOnlySequence<byte> taken = read.Buffer.Slice(0, count);
            taken.CopyTo(buffer.Span);
            pipe.Input.AdvanceTo(taken.End);
            if (count > 0 || read.IsCompleted || !read.Buffer.IsEmpty)
            {
                return count;
            }
        }

        return 0;
    }
}
