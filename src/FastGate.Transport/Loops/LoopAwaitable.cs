using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace FastGate.Transport.Loops;

/// <summary>
/// The waiting half of a pipe operation: at most one at a time, awaited, completed and continued on the loop. Neither a scheduling context nor
/// an execution context is captured.
/// </summary>
internal struct LoopAwaitable
{
    private Action<object?>? _continuation;
    private object? _state;
    private short _version;
    private bool _isDone;

    public readonly short Version => _version;

    public readonly ValueTaskSourceStatus Status(short token)
    {
        ThrowIfStale(token);
        return _isDone ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Pending;
    }

    /// <summary>Takes the result, which invalidates the token.</summary>
    public void Take(short token)
    {
        ThrowIfStale(token);
        if (!_isDone)
        {
            throw new InvalidOperationException("The operation has not ended.");
        }

        _version++;
        _isDone = false;
    }

    /// <summary>Whether <see cref="Complete"/> will continue <paramref name="state"/>.</summary>
    public readonly bool IsAwaitedBy(object state) => _continuation is not null && ReferenceEquals(_state, state);

    public void OnCompleted(Action<object?> continuation, object? state, short token)
    {
        ThrowIfStale(token);
        if (_continuation is not null)
        {
            throw new InvalidOperationException("The operation is awaited already.");
        }

        _state = state;
        _continuation = continuation;
        if (_isDone)
        {
            Continue();
        }
    }

    /// <summary>The continuation runs inside this call: read all state again after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // Once for each message.
    public void Complete()
    {
        _isDone = true;
        if (_continuation is not null)
        {
            Continue();
        }
    }

    private void Continue()
    {
        Action<object?> continuation = _continuation!;
        object? state = _state;
        _continuation = null;
        _state = null;
        continuation(state);
    }

    private readonly void ThrowIfStale(short token)
    {
        if (token != _version)
        {
            throw new InvalidOperationException("The result of this operation has been taken already.");
        }
    }
}
