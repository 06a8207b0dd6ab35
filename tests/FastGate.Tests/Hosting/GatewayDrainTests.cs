using FastGate.Configuration.Options;
using FastGate.Hosting;
using FastGate.Testing;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Hosting;

/// <summary>The order of a drain.</summary>
public sealed class GatewayDrainTests : IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_wait = TimeSpan.FromMinutes(10);

    private readonly ConnectionHarness _harness = new();
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger<GatewayDrain> _log = new();
    private readonly TaskCompletionSource _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task During_the_load_balancer_wait_devices_are_still_accepted()
    {
        bool isKnown = false;
        GatewayDrain drain = Drain(new DrainOptions { LoadBalancerWait = s_wait });
        drain.OnBegun = () => isKnown = drain.IsDraining;

        Task draining = drain.RunAsync();

        Assert.True(isKnown);
        _time.Turn(s_wait - TimeSpan.FromSeconds(1));
        ScriptedDevice late = await _harness.UpgradedAsync();
        await late.SendTextAsync("""{"type":"ping"}""");
        Assert.Equal("""{"type":"pong"}""", await late.ReceiveTextAsync());
        Assert.False(draining.IsCompleted);

        _time.Turn(TimeSpan.FromSeconds(1));
        Assert.StartsWith("HTTP/1.1 503 ", await _harness.Connect().UpgradeAsync(), StringComparison.Ordinal);
        await draining.WaitAsync(s_timeout);
        Assert.Equal(0, _harness.Registry.Count);
        Assert.True(_unbound.Task.IsCompleted);
    }

    [Fact]
    public async Task Without_a_wait_upgrades_are_refused_as_soon_as_the_drain_is_visible()
    {
        GatewayDrain drain = Drain(new DrainOptions());

        Task draining = drain.RunAsync();

        Assert.True(drain.IsDraining);
        Assert.True(_harness.Services.Draining);
        await draining.WaitAsync(s_timeout);
    }

    [Fact]
    public async Task Turns_are_written_even_if_a_summary_hangs()
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

        await drain.RunAsync().WaitAsync(s_timeout);

        Assert.True(flushed);
        Assert.EndsWith("memory saved: True", Assert.Single(_log.WithId(1003)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_hangs_does_not_delay_the_stop_and_is_logged()
    {
        GatewayDrain drain = Drain(new DrainOptions { Deadline = TimeSpan.Zero }, static token => Task.Delay(Timeout.Infinite, token));

        await drain.RunAsync().WaitAsync(s_timeout);

        Assert.EndsWith("memory saved: False", Assert.Single(_log.WithId(1003)), StringComparison.Ordinal);
    }

    /// <summary>Two seconds for the end of the process: <c>docker stop</c> kills it after ten.</summary>
    [Fact]
    public void Default_deadline_leaves_the_process_time_to_end_before_docker_kills_it()
    {
        DrainOptions options = new();
        Assert.InRange(options.LoadBalancerWait + options.Deadline + GatewayDrain.FlushGrace, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8));
    }

    private GatewayDrain Drain(DrainOptions options, Func<CancellationToken, Task>? flush = null, Func<ValueTask>? stopSummaries = null) =>
        new(
            options,
            _harness.Services,
            new NoTransport(_unbound),
            _harness.Conversation,
            flush ?? (static _ => Task.CompletedTask),
            stopSummaries ?? (static () => ValueTask.CompletedTask),
            _time,
            _log);
}
