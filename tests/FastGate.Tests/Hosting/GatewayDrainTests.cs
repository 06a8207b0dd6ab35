using System.Net;
using FastGate.Configuration.Options;
using FastGate.Hosting;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Transport;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Hosting;

/// <summary>The order of a stop.</summary>
public sealed class GatewayDrainTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_wait = TimeSpan.FromMinutes(10);

    private readonly ConnectionHarness _harness = new();
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger<GatewayDrain> _log = new();
    private readonly TaskCompletionSource _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task Until_the_load_balancers_have_seen_it_devices_are_still_let_in()
    {
        GatewayDrain drain = Drain(new DrainOptions { LoadBalancerWait = s_wait });

        Task draining = drain.RunAsync();

        Assert.True(drain.IsDraining);
        _time.Turn(s_wait - TimeSpan.FromSeconds(1));
        ScriptedDevice late = await _harness.UpgradedAsync();
        await late.SendTextAsync("""{"type":"ping"}""");
        Assert.Equal("""{"type":"pong"}""", await late.ReceiveTextAsync());
        Assert.False(draining.IsCompleted);

        _time.Turn(TimeSpan.FromSeconds(1));
        Assert.StartsWith("HTTP/1.1 503 ", await _harness.Connect().UpgradeAsync(), StringComparison.Ordinal);
        await draining.WaitAsync(s_patience);
        Assert.Equal(0, _harness.Registry.Count);
        Assert.True(_unbound.Task.IsCompleted);
    }

    [Fact]
    public async Task Without_a_wait_whoever_sees_that_it_drains_is_refused_at_the_door()
    {
        GatewayDrain drain = Drain(new DrainOptions());

        Task draining = drain.RunAsync();

        Assert.True(drain.IsDraining);
        Assert.True(_harness.Services.Draining);
        await draining.WaitAsync(s_patience);
    }

    [Fact]
    public async Task What_was_said_is_written_whatever_becomes_of_a_summary()
    {
        bool flushed = false;
        GatewayDrain drain = Drain(
            new DrainOptions { Deadline = TimeSpan.Zero },
            token =>
            {
                flushed = !token.IsCancellationRequested;
                return Task.CompletedTask;
            },
            static () => new ValueTask(Task.Delay(Timeout.Infinite)));

        await drain.RunAsync().WaitAsync(s_patience);

        Assert.True(flushed);
        Assert.EndsWith("memory saved: True", Assert.Single(_log.WithId(1003)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_hangs_does_not_hold_the_stop_and_is_told()
    {
        GatewayDrain drain = Drain(new DrainOptions { Deadline = TimeSpan.Zero }, static token => Task.Delay(Timeout.Infinite, token));

        await drain.RunAsync().WaitAsync(s_patience);

        Assert.EndsWith("memory saved: False", Assert.Single(_log.WithId(1003)), StringComparison.Ordinal);
    }

    private GatewayDrain Drain(DrainOptions options, Func<CancellationToken, Task>? flush = null, Func<ValueTask>? stopSummaries = null) =>
        new(
            options,
            _harness.Services,
            new NoSockets(_unbound),
            _harness.Conversation,
            flush ?? (static _ => Task.CompletedTask),
            stopSummaries ?? (static () => ValueTask.CompletedTask),
            _time,
            _log);

    /// <summary>The devices of the harness come without sockets.</summary>
    private sealed class NoSockets(TaskCompletionSource unbound) : ITransport
    {
        public EndPoint EndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 0);

        public int ConnectionCount => 0;

        public ValueTask BindAsync(IPEndPoint endPoint, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public void Start(ConnectionDelegate connectionDelegate)
        {
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken)
        {
            unbound.TrySetResult();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
