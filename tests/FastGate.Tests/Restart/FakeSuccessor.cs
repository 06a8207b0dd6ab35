using FastGate.Restart;

namespace FastGate.Tests.Restart;

/// <summary>A successor whose state the test sets.</summary>
internal sealed class FakeSuccessor(int processId, SuccessorState state) : ISuccessor
{
    private int _state = (int)state;

    public int ProcessId => processId;

    public bool IsDisposed { get; private set; }

    public void Become(SuccessorState next) => Volatile.Write(ref _state, (int)next);

    public SuccessorState Poll() => (SuccessorState)Volatile.Read(ref _state);

    public void Kill()
    {
    }

    public void Dispose() => IsDisposed = true;
}
