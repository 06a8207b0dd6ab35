using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace FastGate.Testing.Lean;

/// <summary>The reader of a <see cref="LeanConnection"/>. Loop only, except <see cref="CancelPendingRead"/>.</summary>
internal sealed class LeanPipeReader(LeanLoop loop) : PipeReader, IValueTaskSource<ReadResult>
{
    private Action<object?>? _continuation;
    private object? _state;
    private int _length;
    private short _version;
    private bool _ended;

    // Any thread.
    private int _cancelled;

    public void Deliver(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(loop.Received);
        _length = bytes.Length;
        Continue();
    }

    public void End()
    {
        _ended = true;
        Continue();
    }

    public void ContinueCancelled()
    {
        if (Volatile.Read(ref _cancelled) != 0)
        {
            Continue();
        }
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        TryRead(out ReadResult result) ? new ValueTask<ReadResult>(result) : new ValueTask<ReadResult>(this, ++_version);

    public override bool TryRead(out ReadResult result)
    {
        bool cancelled = Volatile.Read(ref _cancelled) != 0 && Interlocked.Exchange(ref _cancelled, 0) != 0;
        result = new ReadResult(new ReadOnlySequence<byte>(loop.Received, 0, _length), cancelled, _ended);
        return cancelled || _ended || _length != 0;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (consumed.GetInteger() != _length)
        {
            throw new InvalidOperationException("A delivery has to be taken whole: nothing is kept between reads.");
        }

        _length = 0;
    }

    public override void CancelPendingRead()
    {
        if (Interlocked.Exchange(ref _cancelled, 1) == 0)
        {
            loop.Post(this);
        }
    }

    public override void Complete(Exception? exception = null) => _ended = true;

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => TryRead(out ReadResult result)
        ? result
        : throw new InvalidOperationException("There is nothing to read.");

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) =>
        token == _version ? ValueTaskSourceStatus.Pending : throw new InvalidOperationException("The result of this read has been taken.");

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _state = state;
        _continuation = continuation;
    }

    private void Continue()
    {
        if (_continuation is { } continuation)
        {
            object? state = _state;
            _continuation = null;
            _state = null;
            continuation(state);
        }
    }
}
