using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Hosting;
using FastGate.Limits;
using FastGate.Memory;
using FastGate.Tests.Hosting;
using FastGate.Tests.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace FastGate.Tests.Fuzz.Lives;

/// <content>One step of a life. What is chosen never depends on what the server has done, so that a seed gives the same steps again.</content>
internal sealed partial class WholeLife
{
    private static readonly ConnectionEndReason[] s_requested =
    [
        ConnectionEndReason.Kicked, ConnectionEndReason.Draining, ConnectionEndReason.MemoryPressure, ConnectionEndReason.Moved,
        ConnectionEndReason.Overloaded,
    ];

    private static readonly MemoryFailure[] s_failures = [MemoryFailure.Locked, MemoryFailure.DiskError, MemoryFailure.Full];

    private async Task ActAsync()
    {
        LifeDevice device = _devices[_random.Next(_devices.Count)];
        switch (_random.Next(100))
        {
            case < 5:
                Connect();
                break;
            case < 7:
                device.Leave(null);
                break;
            case < 8:
                device.Leave(_random.Next(2) == 0 ? new ConnectionResetException("reset") : new IOException("broken"));
                break;
            case < 13:
                Turn(TimeSpan.FromMilliseconds(_random.Next(_random.Next(10) switch { 0 => 300_000, 1 or 2 => 15_000, _ => 2_000 })));
                break;
            case < 15:
                await LetTimersActAsync();
                break;
            case < 17:
                RequestEnd(device);
                break;
            case < 20:
                device.Read();
                break;
            case < 25:
                ChangeStore();
                break;
            case < 28:
                ChangeServer();
                break;
            case < 40:
                await LetWorkersActAsync();
                break;
            default:
                await SendAsync(device);
                break;
        }
    }

    private async Task SendAsync(LifeDevice device)
    {
        byte[] bytes = _messages.Next();
        if (!device.HasAsked)
        {
            device.HasAsked = true;
            bytes = [.. _messages.Damaged(_requests.Next()), .. _random.Next(4) == 0 ? bytes : []];
        }

        await device.SendAsync(bytes, _random);
    }

    /// <summary>What other threads ask of a connection.</summary>
    private void RequestEnd(LifeDevice device)
    {
        int act = _random.Next(6);
        ConnectionEndReason reason = s_requested[_random.Next(s_requested.Length)];
        string id = LifeRequests.Devices[_random.Next(LifeRequests.Devices.Count)];
        if (_harness.Connections().FirstOrDefault(connection => connection.DeviceId == id) is not { } registered)
        {
            return;
        }

        switch (act)
        {
            case 0:
                registered.Abort(reason);
                break;
            case 1:
                registered.Reboot();
                registered.RequestClose(reason);
                break;
            case 2:
                device.Connection.Abort(new ConnectionAbortedException("by the transport"));
                break;
            default:
                registered.RequestClose(reason);
                break;
        }
    }

    private void ChangeStore()
    {
        int act = _random.Next(6);
        MemoryFailure failure = s_failures[_random.Next(s_failures.Length)];
        if (!_plan.HasFaultyMemory)
        {
            return;
        }

        switch (act)
        {
            case 0:
                _store.BlockWrites();
                break;
            case 1:
                _store.BlockReads();
                break;
            case 2:
                _store.Failure = failure;
                break;
            default:
                _store.Failure = null;
                _store.ReleaseReads();
                _store.ReleaseWrites();
                break;
        }
    }

    private void ChangeServer()
    {
        switch (_random.Next(4))
        {
            case 0 when _plan.IsTight:
                _harness.Services.Overload.Set(OverloadLevel.NewDevices, "the test");
                break;
            case 1:
                var idle = TimeSpan.FromSeconds(_random.Next(1, 200));
                _harness.Services.Apply(new DeviceTimeouts { Idle = idle, Hello = TimeSpan.FromSeconds(_random.Next(1, 20)) });
                break;
            default:
                _harness.Services.Overload.Set(OverloadLevel.None, null);
                break;
        }
    }

    private Task DrainAsync(int deadlineMs) => new GatewayDrain(
        new DrainOptions { Deadline = TimeSpan.FromMilliseconds(deadlineMs) },
        _harness.Services,
        new NoTransport(new TaskCompletionSource()),
        _harness.Conversation,
        _harness.Memory.FlushAsync,
        static () => ValueTask.CompletedTask,
        TimeProvider.System,
        new Logger<GatewayDrain>(_errors)).RunAsync();

    /// <summary>The timer thread has looked at the clock.</summary>
    private async Task LetTimersActAsync() => await _harness.Timers.ListAsync().Within();

    /// <summary>until no turn can continue without a further step. An answer may begin or end meanwhile, so this is no more than a chance to act.</summary>
    private async Task LetWorkersActAsync()
    {
        for (int look = 0; look < 50 && (_harness.Conversation.Status.Ready > 0 || _harness.Conversation.Status.InFlight > _model.Waiting); look++)
        {
            await Task.Yield();
        }
    }
}
