using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace FastGate.Transport.Sockets;

/// <summary>
/// The reading half of a <see cref="SocketConnection"/>. A read waits without a buffer and then receives; bytes that are not consumed are kept.
/// Waiting takes no byte from the kernel, so what is not kept here is there.
/// <para>One consumer; <see cref="CancelPendingRead"/> from any thread. Cancellation tokens are not supported.</para>
/// </summary>
/// <remarks>
/// A cancelled read leaves the wait for input with the runtime, for the next read: ending it would cost an exception. The connection's lock covers
/// the exchange between the consumer, that wait and a cancellation, and each receive, so that the socket is not closed during one. Handlers
/// continue outside it.
/// </remarks>
internal sealed partial class SocketPipeReader(SocketConnection connection) : PipeReader, IValueTaskSource<ReadResult>
{
    /// <summary>Least bytes of a receive. Any message of a device's speech or text fits.</summary>
    private const int ReceiveSize = 8 * 1024;

    private ManualResetValueTaskSourceCore<bool> _source;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _input;
    private Action? _onInput;

    // Kept bytes; the array is rented.
    private byte[]? _bytes;
    private int _start;
    private int _end;

    private bool _isUnexamined;
    private bool _isReading;
    private bool _isOutstanding;
    private bool _isCanceled;
    private bool _isCompleted;
    private bool _isDiscarding;

    /// <summary>A read waits for a cancellation only. One that waits already may still end by input.</summary>
    public bool IsPaused { get; set; }

    // Under the lock.
    private bool _isWaiting;
    private bool _isWatched;
    private bool _isEnding;
    private bool _isCancelRequested;

    /// <summary>All input up to its end has been received.</summary>
    public bool InputEnded { get; private set; }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.CanBeCanceled)
        {
            throw new NotSupportedException("Use CancelPendingRead: a read takes no cancellation token.");
        }

        ThrowIfUnusable();
        return ReadOrWait();
    }

    /// <summary>Returns bytes that were kept, and never receives.</summary>
    public override bool TryRead(out ReadResult result)
    {
        ThrowIfUnusable();
        return TryTake(out result);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_isReading)
        {
            throw new InvalidOperationException("There is no read to advance.");
        }

        int consumedAt = IndexOf(consumed);
        int examinedAt = Math.Max(IndexOf(examined), consumedAt);
        if (consumedAt < _start || examinedAt > _end)
        {
            throw new InvalidOperationException("consumed and examined must be positions of the last read, in this order.");
        }

        _isReading = false;
        _start = consumedAt;
        _isUnexamined = examinedAt < _end;
        if (_start == _end)
        {
            ReturnBytes();
        }
    }

    /// <summary>Any thread.</summary>
    public override void CancelPendingRead()
    {
        lock (connection.Gate)
        {
            if (!_isWaiting)
            {
                _isCancelRequested = true;
                return;
            }

            _isWaiting = false;
            _isCanceled = true;
        }

        Continue(runAsynchronously: true);
    }

    public override void Complete(Exception? exception = null)
    {
        _isCompleted = true;
        _isReading = false;
        _isUnexamined = false;
        ReturnBytes();
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        _source.GetResult(token);
        _isOutstanding = false;
        bool isCanceled = _isCanceled;
        _isCanceled = false;
        if (_isCompleted && !_isDiscarding)
        {
            ThrowCompleted();
        }

        if (!isCanceled && connection.Fault is not null)
        {
            connection.ThrowFault();
        }

        return Result(isCanceled);
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    /// <summary>Any thread. The connection has ended: a waiting read fails.</summary>
    public void OnEnd()
    {
        lock (connection.Gate)
        {
            if (!_isWaiting)
            {
                return;
            }

            _isWaiting = false;
        }

        Continue(runAsynchronously: true);
    }

    /// <summary>The handler has ended. A read that it left waiting fails and returns no bytes. True when there was none, so that reading may continue.</summary>
    public bool Release()
    {
        Complete();
        OnEnd();
        return !_isOutstanding;
    }

    private ReadResult Result(bool isCanceled)
    {
        _isReading = true;
        ReadOnlySequence<byte> buffer = _bytes is null ? default : new ReadOnlySequence<byte>(_bytes, _start, _end - _start);
        return new ReadResult(buffer, isCanceled, InputEnded);
    }

    /// <summary>The position of an empty result has no array.</summary>
    private int IndexOf(SequencePosition position) => position.GetObject() is null ? _start
        : ReferenceEquals(position.GetObject(), _bytes) ? position.GetInteger()
        : throw new InvalidOperationException("The position does not belong to the last read.");

    private void ReturnBytes()
    {
        if (_bytes is not null)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = null;
        }

        _start = 0;
        _end = 0;
        _isUnexamined = false;
    }

    private void ThrowIfUnusable()
    {
        if (_isCompleted)
        {
            ThrowCompleted();
        }

        ThrowIfReading();
    }

    private static void ThrowCompleted() => throw new InvalidOperationException("Reading has been completed.");
}
