using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace FastGate.Transport.Tls;

/// <summary>
/// The reading half of a <see cref="TlsPipe"/>. It waits with an empty read, so that neither the library nor this reader has a buffer while the device is
/// silent. A cancelled wait leaves that read in progress: the next wait continues it, because to cancel it would cost an exception for each message
/// that another thread sends.
/// </summary>
internal sealed class TlsPipeReader(TlsPipe pipe) : PipeReader, IValueTaskSource<ReadResult>
{
    private const int ReadSize = 16 * 1024;

    private readonly Lock _gate = new();

    // Owned by the loop.
    private byte[]? _bytes;
    private int _start;
    private int _end;
    private bool _isUnexamined;
    private bool _isCompleted;
    private Action? _onReadable;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _read;

    // Under the lock.
    private bool _isReading;
    private bool _isReadable;
    private bool _isWaiting;
    private ManualResetValueTaskSourceCore<bool> _source;

    // Any thread.
    private int _cancelRequested;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (!pipe.IsOpen)
        {
            return pipe.HandshakeAsync();
        }

        if (TryTakeCancel())
        {
            return new ValueTask<ReadResult>(Result(isCanceled: true));
        }

        if (TryRead(out ReadResult result))
        {
            return new ValueTask<ReadResult>(result);
        }

        if (!_isReading)
        {
            BeginRead(pipe.Library.ReadAsync(Memory<byte>.Empty, CancellationToken.None));
        }

        return Wait();
    }

    /// <summary>Returns bytes that were kept, and never receives.</summary>
    public override bool TryRead(out ReadResult result)
    {
        result = Result(isCanceled: false);
        return _isUnexamined || _isCompleted;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_bytes is null)
        {
            return;
        }

        _start = consumed.GetInteger();
        _isUnexamined = Math.Max(examined.GetInteger(), _start) < _end;
        if (_start == _end)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            (_bytes, _start, _end, _isUnexamined) = (null, 0, 0, false);
        }
    }

    /// <summary>Any thread.</summary>
    public override void CancelPendingRead()
    {
        Volatile.Write(ref _cancelRequested, 1);
        pipe.Wake();
    }

    public override void Complete(Exception? exception = null)
    {
        if (_bytes is not null)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = null;
        }

        (_start, _end, _isUnexamined, _isCompleted) = (0, 0, false, true);
    }

    /// <summary>The read of the pipe below has been cancelled; its caller reads again afterwards.</summary>
    public void OnCanceled()
    {
        lock (_gate)
        {
            if (!_isWaiting || !TryTakeCancel())
            {
                return;
            }

            _isWaiting = false;
        }

        _source.SetResult(true);
    }

    /// <summary>Loop only. Completes when no read of the library waits any more.</summary>
    public ValueTask<ReadResult> EndAsync(TlsStream stream)
    {
        Complete();
        if (!_isReading)
        {
            return default;
        }

        Volatile.Write(ref _cancelRequested, 0);
        lock (_gate)
        {
            if (_isReadable)
            {
                return default;
            }

            _source.Reset();
            _isWaiting = true;
        }

        stream.EndReading();
        return new ValueTask<ReadResult>(this, _source.Version);
    }

    public bool TryTakeCancel() => Volatile.Read(ref _cancelRequested) != 0 && Interlocked.Exchange(ref _cancelRequested, 0) != 0;

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        bool isCanceled = _source.GetResult(token);
        if (!isCanceled && !_isCompleted)
        {
            Fill();
        }

        return Result(isCanceled);
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    private ReadResult Result(bool isCanceled) =>
        new(_bytes is null ? default : new ReadOnlySequence<byte>(_bytes, _start, _end - _start), isCanceled, _isCompleted);

    private void BeginRead(ValueTask<int> read)
    {
        _isReading = true;
        _isReadable = false;
        _read = read.ConfigureAwait(false).GetAwaiter();
        if (_read.IsCompleted)
        {
            _isReadable = true;
        }
        else
        {
            _read.UnsafeOnCompleted(_onReadable ??= OnReadable);
        }
    }

    private ValueTask<ReadResult> Wait()
    {
        lock (_gate)
        {
            if (!_isReadable)
            {
                _source.Reset();
                _isWaiting = true;
                return new ValueTask<ReadResult>(this, _source.Version);
            }
        }

        Fill();
        return new ValueTask<ReadResult>(Result(isCanceled: false));
    }

    /// <summary>The library has input, or its end, or has failed. On the loop, or any thread of the pool on the sockets transport.</summary>
    private void OnReadable()
    {
        lock (_gate)
        {
            _isReadable = true;
            if (!_isWaiting)
            {
                return;
            }

            _isWaiting = false;
        }

        _source.SetResult(false);
    }

    /// <summary>Takes what the empty read has waited for. Throws what the pipe below has thrown.</summary>
    private void Fill()
    {
        _isReading = false;
        _read.GetResult();
        MakeRoom();
        int count = CountOf(pipe.Library.ReadAsync(_bytes.AsMemory(_end), CancellationToken.None));
        _end += count;
        _isUnexamined = count > 0;
        _isCompleted = count == 0;
        if (_start == _end)
        {
            ArrayPool<byte>.Shared.Return(_bytes!);
            (_bytes, _start, _end) = (null, 0, 0);
        }
    }

    /// <summary>Decrypted bytes are in the library, or it knows the end: it does not wait.</summary>
    private int CountOf(ValueTask<int> read)
    {
        if (read.IsCompleted)
        {
            return read.GetAwaiter().GetResult();
        }

        // The library may write to it later, so it is not returned.
        _bytes = null;
        throw new InvalidOperationException("The library waits for input that it has.");
    }

    private void MakeRoom()
    {
        if (_bytes is null)
        {
            _bytes = ArrayPool<byte>.Shared.Rent(ReadSize);
            return;
        }

        int kept = _end - _start;
        if (_bytes.Length - _end >= ReadSize / 4)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(kept + ReadSize);
        _bytes.AsSpan(_start, kept).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, _start, _end) = (larger, 0, kept);
    }
}
