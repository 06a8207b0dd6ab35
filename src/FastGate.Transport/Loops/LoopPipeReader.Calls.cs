using System.IO.Pipelines;
using FastGate.Transport.Input;

namespace FastGate.Transport.Loops;

/// <summary>The end of a wait: it continues the handler's task, or calls the handler with what the task would have read.</summary>
internal sealed partial class LoopPipeReader
{
    /// <summary>Called by the loop: the handler has no task any more. Input that is there already is delivered at once.</summary>
    public void BeginCalls()
    {
        IInputHandler handler = _connection.InputHandler!;
        if (_connection.IsDead)
        {
            _connection.FailInput(handler);
        }
        else if (TryReadNext(out ReadResult read))
        {
            Call(handler, read);
        }
    }

    /// <summary>A cancellation requested before belongs to this wait, whatever ends it, and never to a later read. Does nothing without a wait.</summary>
    private void CompleteWait()
    {
        if (IsWaiting)
        {
            // The handler may take long.
            _connection.Loop.Buffers.SendAnswers();
            _states = _connection.TryTakeReadCancel() ? (_states & ~LoopReadStates.Waiting) | LoopReadStates.Cancelled : _states & ~LoopReadStates.Waiting;
            if (_connection.InputHandler is { } handler)
            {
                Call(handler);
            }
            else
            {
                _awaitable.Complete();
            }
        }
    }

    private void Call(IInputHandler handler)
    {
        bool isCanceled = (_states & LoopReadStates.Cancelled) != 0;
        _states &= ~LoopReadStates.Cancelled;
        if (_connection.IsDead && !isCanceled)
        {
            ReturnAll();
            _connection.FailInput(handler);
        }
        else
        {
            Call(handler, Result(isCanceled));
        }
    }

    private void Call(IInputHandler handler, ReadResult read)
    {
        do
        {
            Task? task;
            try
            {
                task = handler.OnInput(read);
            }
            catch (Exception exception)
            {
                task = Task.FromException(exception);
            }

            if (task is not null)
            {
                _connection.ContinueAsTask(task);
                return;
            }

            if (_connection.IsDead)
            {
                ReturnAll();
                _connection.FailInput(handler);
                return;
            }
        }
        while (TryReadNext(out read));
    }

    /// <summary>False when the connection waits now.</summary>
    private bool TryReadNext(out ReadResult read)
    {
        ValueTask<ReadResult> next = ReadAsync();
        if (!next.IsCompletedSuccessfully)
        {
            read = default;
            return false;
        }

        read = next.Result;
        return true;
    }
}
