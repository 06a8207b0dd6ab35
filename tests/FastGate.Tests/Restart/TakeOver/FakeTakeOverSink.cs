using FastGate.HandOver;
using FastGate.Restart.TakeOver;
using FastGate.Transport.Linux;

namespace FastGate.Tests.Restart.TakeOver;

/// <summary>A new process that serves fake devices.</summary>
internal sealed class FakeTakeOverSink : ITakeOverSink
{
    private int _served;

    public int Capacity { get; init; } = 10_000;

    public string? Refusal { get; init; }

    public Action OnListeners { get; init; } = static () => { };

    /// <summary>Thrown when the stage of this number is adopted.</summary>
    public int FailsAtStage { get; init; }

    public List<UnreadableConnection> Unreadable { get; } = [];

    public List<GatewayState> Stages { get; } = [];

    public IReadOnlyList<ListenerState>? Listeners { get; private set; }

    public bool Accepts { get; private set; }

    /// <summary>The number of connections that are served.</summary>
    public int Served => Volatile.Read(ref _served);

    public IEnumerable<ConnectionState> Adopted => Stages.SelectMany(static stage => stage.Connections);

    public string? AdoptListeners(IReadOnlyList<ListenerState> listeners)
    {
        Listeners = listeners;
        OnListeners();
        foreach (int descriptor in listeners.SelectMany(static listener => listener.Descriptors))
        {
            Assert.Equal(0, LinuxSocket.Close(descriptor));
        }

        return Refusal;
    }

    public Task AdoptAsync(GatewayState state, IReadOnlyList<UnreadableConnection> unreadable)
    {
        Unreadable.AddRange(unreadable);
        Stages.Add(state);
        if (FailsAtStage == Stages.Count)
        {
            throw new InvalidOperationException("the database cannot be opened");
        }

        FakeDevices.Serve(state.Connections, FakeDevices.New);
        Volatile.Write(ref _served, _served + state.Connections.Count);
        return Task.CompletedTask;
    }

    public Task AcceptAsync()
    {
        Accepts = true;
        return Task.CompletedTask;
    }

    /// <summary>The process ends: the kernel closes what it owns.</summary>
    public void Die() => FakeDevices.Close(Adopted);
}
