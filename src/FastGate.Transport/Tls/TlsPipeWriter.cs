using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace FastGate.Transport.Tls;

/// <summary>
/// The writing half of a <see cref="TlsPipe"/>: what is written between two flushes becomes one record, if it fits. Loop only. Once the connection has
/// ended, written bytes are dropped and flushes report <c>IsCompleted</c>.
/// </summary>
internal sealed class TlsPipeWriter(TlsPipe pipe) : PipeWriter
{
    private const int SmallestSize = 4 * 1024;

    private byte[]? _bytes;
    private int _end;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _end;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        int size = Math.Max(sizeHint, 1);
        if (_bytes is null)
        {
            _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(size, SmallestSize));
        }
        else if (_bytes.Length - _end < size)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_end + size, _end * 2));
            _bytes.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsMemory(_end);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (bytes < 0 || bytes > (_bytes?.Length ?? 0) - _end)
        {
            throw new ArgumentOutOfRangeException(nameof(bytes));
        }

        _end += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_end == 0 || !pipe.IsOpen)
        {
            Drop();
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: !pipe.IsOpen));
        }

        ValueTask write = pipe.Library.WriteAsync(_bytes.AsMemory(0, _end), CancellationToken.None);
        if (!write.IsCompletedSuccessfully)
        {
            return FinishAsync(write);
        }

        write.GetAwaiter().GetResult();
        Drop();
        return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: false));
    }

    /// <summary>A flush that waits for the device cannot be cancelled: nothing needs it, because such a connection is not handed over.</summary>
    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null) => Drop();

    /// <summary>Returns the buffer.</summary>
    public void Drop()
    {
        if (_bytes is not null)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = null;
        }

        _end = 0;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> FinishAsync(ValueTask write)
    {
        bool isLost = false;
        try
        {
            await write.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The next read reports why.
            isLost = true;
        }

        Drop();
        return new FlushResult(isCanceled: false, isCompleted: isLost);
    }
}
