using FastGate.HandOver;
using FastGate.Restart.TakeOver;
using FastGate.Transport.Linux;

namespace FastGate.Tests.Restart.TakeOver;

/// <summary>A running server with fake devices.</summary>
internal sealed class FakeTakeOverSource(FakeDevices devices) : ITakeOverSource, IDisposable
{
    private readonly int _listener = LinuxEpoll.CreateEvent();

    public int Connections => devices.States.Count;

    public IReadOnlyList<ListenerState> Listeners => [new ListenerState("devices", [_listener]), new ListenerState("http", [_listener, _listener])];

    /// <summary>When it completes, the turns have ended.</summary>
    public TaskCompletionSource Turns { get; init; } = new();

    public IReadOnlyList<ConnectionState>? Resumed { get; private set; }

    public int Resumes { get; private set; }

    public async Task<DetachedGateway> DetachAsync(CancellationToken stop)
    {
        await Turns.Task.WaitAsync(stop);
        return new DetachedGateway(
            new GatewayState { Connections = devices.States, QuietAtUnixMs = 7, Languages = [new DeviceLanguageState("device-0", 3)] }, 1, 2);
    }

    public Task ResumeAsync(GatewayState state)
    {
        Resumes++;
        Resumed = state.Connections;
        FakeDevices.Serve(state.Connections, FakeDevices.Old);
        return Task.CompletedTask;
    }

    public void Dispose() => LinuxSocket.Close(_listener);
}
