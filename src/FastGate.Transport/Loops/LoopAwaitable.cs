using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace FastGate.Transport.Loops;

/// <summary>
/// The waiting half of a pipe operation: at most one at a time, completed by the loop, continued on the loop. The continuation
/// may be registered by another thread while the loop completes the operation; everything else has one owner at a time.
/// Scheduling contexts are not captured: a handler goes on where its connection lives.
/// </summary>
internal struct LoopAwaitable
{
    private static readonly Action<object?> s_done = static _ => throw new InvalidOperationException("Not to be called.");

    private Action<object?>? _continuation;
    private object? _state;
    private short _version;

    public readonly short Version => _version;

    /// <summary>Ready for the next operation; tokens of the one before are void.</summary>
    public void Reset()
    {
        _version++;
        _continuation = null;
        _state = null;
    }

    public readonly void Validate(short token)
    {
        if (token != _version)
        {
            ThrowStaleToken();
        }
    }

    /// <summary>
    /// Elsewhere than on the loop it is always pending, so that whoever awaits is brought back to the loop.
    /// </summary>
    public readonly ValueTaskSourceStatus Status(short token, EventLoop loop)
    {
        Validate(token);
        return ReferenceEquals(_continuation, s_done) && loop.IsOnLoop ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;
    }

    /// <summary>
    /// On the loop: whether it is <paramref name="state"/> that <see cref="Complete"/> will continue. Not one who is still on the way to
    /// wait: if the loop is faster, its continuation is posted.
    /// </summary>
    public readonly bool IsAwaitedBy(object state) =>
        Volatile.Read(in _continuation) is { } continuation && !ReferenceEquals(continuation, s_done) && ReferenceEquals(_state, state);

    public readonly bool IsDone => ReferenceEquals(Volatile.Read(in _continuation), s_done);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags, EventLoop loop)
    {
        Validate(token);
        if ((flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0 && ExecutionContext.Capture() is { } context)
        {
            state = new ContextContinuation(context, continuation, state);
            continuation = ContextContinuation.s_run;
        }

        if (_continuation is null && loop.IsOnLoop)
        {
            // Completion happens on this thread only: no race to settle.
            _state = state;
            _continuation = continuation;
            return;
        }

        _state = state;
        Action<object?>? before = Interlocked.CompareExchange(ref _continuation, continuation, null);
        if (ReferenceEquals(before, s_done))
        {
            loop.Post(continuation, state);
        }
        else if (before is not null)
        {
            ThrowTwoContinuations();
        }
    }

    /// <summary>On the loop. The continuation runs inside this call; nothing that was known before it may be relied on after.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // Once for each message.
    public void Complete()
    {
        Action<object?>? continuation = Volatile.Read(ref _continuation);
        if (continuation is null)
        {
            continuation = Interlocked.CompareExchange(ref _continuation, s_done, null);
            if (continuation is null)
            {
                return;
            }
        }

        object? state = _state;
        _continuation = s_done;
        _state = null;
        continuation(state);
    }

    private static void ThrowStaleToken() => throw new InvalidOperationException("The result of this operation has been taken already.");

    private static void ThrowTwoContinuations() => throw new InvalidOperationException("Two awaits on one operation.");

    private sealed class ContextContinuation(ExecutionContext context, Action<object?> continuation, object? state)
    {
        public static readonly Action<object?> s_run = static self =>
        {
            var it = (ContextContinuation)self!;
            ExecutionContext.Run(it._context, static self => ((ContextContinuation)self!).Invoke(), it);
        };

        private readonly ExecutionContext _context = context;

        private void Invoke() => continuation(state);
    }
}
