using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Sockets;

/// <summary>
/// The writing half of a <see cref="SocketConnection"/>. A flush completes when the kernel has the bytes, as on the event loops. Once the
/// connection has ended, written bytes are dropped and flushes report <c>IsCompleted</c>.
/// <para>One producer; <see cref="CancelPendingFlush"/> from any thread. Cancellation tokens are not supported.</para>
/// </summary>
/// <remarks>All under the connection's lock: the producer, the task that sends what did not fit, and the end of the connection.</remarks>
internal sealed partial class SocketPipeWriter(SocketConnection connection) : PipeWriter
{
    private const int SmallestSize = 4 * 1024;

    // Bytes that wait, in a rented array: up to _flushed they are being sent.
    private byte[]? _bytes;
    private int _start;
    private int _flushed;
    private int _end;

    private bool _isMemoryOut;
    private bool _isCompleted;
    private bool _isSending;
    private bool _isGiven;
    private bool _isTaken;
    private bool _isCancelRequested;
    private TaskCompletionSource<FlushResult>? _waiting;
    private Task? _sending;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _end - _flushed;

    public bool IsCompleted => _isCompleted;

    private bool IsEnded => connection.IsGone || connection.Fault is not null;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        lock (connection.Gate)
        {
            if (_isCompleted)
            {
                throw new InvalidOperationException("Writing has been completed.");
            }

            _isMemoryOut = true;
            return Space(sizeHint);
        }
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        lock (connection.Gate)
        {
            if (bytes < 0 || (bytes > 0 && !_isMemoryOut) || bytes > (_bytes?.Length ?? 0) - _end)
            {
                throw new ArgumentOutOfRangeException(nameof(bytes));
            }

            _end += bytes;
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.CanBeCanceled)
        {
            throw new NotSupportedException("A flush takes no cancellation token.");
        }

        lock (connection.Gate)
        {
            if (_waiting is not null)
            {
                throw new InvalidOperationException("A flush is already in progress.");
            }

            return Flush();
        }
    }

    /// <summary>Any thread. Ends a flush that waits for the peer, or the next one that would; its bytes are still sent.</summary>
    public override void CancelPendingFlush()
    {
        TaskCompletionSource<FlushResult>? waiting;
        lock (connection.Gate)
        {
            waiting = _waiting;
            _waiting = null;
            _isCancelRequested = waiting is null;
        }

        waiting?.SetResult(new FlushResult(isCanceled: true, isCompleted: false));
    }

    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted)
        {
            return;
        }

        if (exception is not null)
        {
            _isCompleted = true;
            connection.Abort(new ConnectionAbortedException("The writer failed.", exception));
            return;
        }

        _ = CompleteAsync();
    }

    /// <summary>Sends everything that was written, flushed or not, and ends the sending side.</summary>
    public async Task CompleteAsync()
    {
        await SendAllAsync();
        connection.ShutdownSend();
    }

    /// <summary>The handler has ended: sends everything that it wrote, flushed or not.</summary>
    public async Task SendAllAsync()
    {
        _isCompleted = true;
        FlushResult result;
        do
        {
            Task<FlushResult> flush;
            lock (connection.Gate)
            {
                // A flush that the handler left waiting ends when all has been sent.
                _flushed = _end;
                flush = _waiting?.Task ?? Flush().AsTask();
            }

            result = await flush;
        }
        while (result is { IsCanceled: true, IsCompleted: false });
    }

    /// <summary>Any thread. The connection has ended: nothing is sent any more.</summary>
    public void OnEnd()
    {
        lock (connection.Gate)
        {
            if (!_isSending && !_isMemoryOut)
            {
                Drop();
            }

            EndWait();
        }
    }

    /// <summary>Room behind the bytes that wait.</summary>
    private Memory<byte> Space(int size)
    {
        size = Math.Max(size, 1);
        if (_bytes is null)
        {
            _bytes = ArrayPool<byte>.Shared.Rent(Math.Max(size, SmallestSize));
        }
        else if (_bytes.Length - _end < size)
        {
            int kept = _end - _start;
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(kept + size, kept * 2));
            _bytes.AsSpan(_start, kept).CopyTo(larger);
            ReturnArray();
            (_bytes, _start, _flushed, _end) = (larger, 0, _flushed - _start, kept);
        }

        return _bytes.AsMemory(_end);
    }

    /// <summary>Drops the unsent bytes, but not between the change of the owner and <see cref="Take"/>, to which they then belong: a task may flush at that moment.</summary>
    private void Drop()
    {
        if (_isGiven && !_isTaken)
        {
            return;
        }

        ReturnArray();
        (_bytes, _start, _flushed, _end) = (null, 0, 0, 0);
        _isMemoryOut = false;
    }

    /// <summary>The runtime may still read from the array while it sends.</summary>
    private void ReturnArray()
    {
        if (_bytes is not null && !_isSending)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }
    }
}
