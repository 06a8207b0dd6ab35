using FastGate.Transport.Input;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Loops;

/// <summary>The handler: a task that uses the pipe, or, while it only waits for input, an object that is called with it.</summary>
internal partial class LoopConnection
{
    // Owned by the loop.
    private Task? _handler;

    // Owned by the loop. Called as soon as there is no task.
    private IInputHandler? _inputHandler;

    /// <summary>The object that is called with input; null while a task reads.</summary>
    public IInputHandler? InputHandler => _handler is null ? _inputHandler : null;

    public void Start(ConnectionDelegate connectionDelegate)
    {
        // Before the handler exists: it may take reader and writer on any thread.
        _ = Pipe;
        Task handler;
        try
        {
            handler = connectionDelegate(this);
        }
        catch (Exception exception)
        {
            handler = Task.FromException(exception);
        }

        _handler = handler;
        EndCallback();
    }

    void ICallingInput.CallWithInput(IInputHandler handler)
    {
        _loop.ThrowIfOffLoop();
        _inputHandler = handler;
        _states |= LoopConnectionStates.CallsRequested;
    }

    /// <summary>Called by the reader, instead of further calls.</summary>
    public void ContinueAsTask(Task handler)
    {
        // The task may have ended already and have asked for calls again.
        if ((_states & LoopConnectionStates.CallsRequested) == 0)
        {
            _inputHandler = null;
        }

        _states &= ~LoopConnectionStates.HandlerWatched;
        _handler = handler;
    }

    /// <summary>For an object that gets the input by calls: the connection has ended.</summary>
    public void FailInput(IInputHandler handler)
    {
        ContinueAsTask(Task.CompletedTask);
        handler.OnInputFailed(Fault);
    }

    /// <summary>
    /// Called after everything that may have continued the handler. A handler whose own task waits for a pipe can only end in such a callback,
    /// so it needs no continuation, which would cost a delegate per idle connection; any other handler gets one.
    /// </summary>
    private void EndCallback()
    {
        _loop.Buffers.EndLoans();
        if (InputHandler is not null)
        {
            ReturnPipe();
        }

        if (_handler is null || (_states & LoopConnectionStates.HandlerWatched) != 0)
        {
            return;
        }

        if (_handler.IsCompleted)
        {
            OnTaskEnded();
        }
        else if (_pipe is not { } pipe || (!pipe.Reader.IsAwaitedBy(_handler) && !pipe.Writer.IsAwaitedBy(_handler)))
        {
            _states |= LoopConnectionStates.HandlerWatched;
            _handler.GetAwaiter().UnsafeOnCompleted(() => Signal(LoopSignals.HandlerDone));
        }
    }

    private void OnTaskEnded()
    {
        if (_inputHandler is null)
        {
            if (_extras?.Fault is not null && !IsDead)
            {
                // An abort that the loop has not handled yet: its caller expects that the peer sees it.
                OnAbort();
            }

            OnHandlerDone();
            return;
        }

        // It has asked for calls. What is there already is delivered now, and may lead to another task.
        LoopPipe pipe = Pipe;
        _handler = null;
        _states &= ~LoopConnectionStates.CallsRequested;
        pipe.Reader.BeginCalls();
        EndCallback();
    }
}
