using FastGate.HandOver;
using FastGate.Transport.Concurrency;

namespace FastGate.Connections;

/// <summary>A connection whose loop has detached its socket: the state, and the sound that a speech worker still adds to it.</summary>
internal sealed class HandedOverConnection(ConnectionState state, Task<EarState>? ear) : IStackNode<HandedOverConnection>
{
    public HandedOverConnection? Next { get; set; }

    public Task Ready => ear ?? Task.CompletedTask;

    /// <summary>The whole state. A device whose sound was not saved in time listens on without it.</summary>
    public ConnectionState State =>
        ear is { IsCompletedSuccessfully: true } && state.Session is { } session ? state with { Session = session with { Ear = ear.Result } } : state;
}
