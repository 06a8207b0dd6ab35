namespace FastGate.Transport.Loops;

/// <summary>A cancellation token given to one pipe operation. Made only for tokens that can be cancelled.</summary>
internal sealed class CancellationWait(CancellationToken token)
{
    private CancellationTokenRegistration _registration;
    private int _fired;

    public bool Fired => Volatile.Read(ref _fired) != 0;

    public void Register(LoopConnection connection, LoopSignals signal)
    {
        _registration = token.UnsafeRegister(
            static state =>
            {
                (CancellationWait? wait, LoopConnection? connection, LoopSignals signal) = ((CancellationWait, LoopConnection, LoopSignals))state!;
                Volatile.Write(ref wait._fired, 1);
                connection.Signal(signal);
            },
            (this, connection, signal));
    }

    public void Unregister() => _registration.Unregister();

    public void Throw() => throw new OperationCanceledException(token);
}
