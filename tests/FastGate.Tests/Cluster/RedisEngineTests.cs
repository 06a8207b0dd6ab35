using System.Text.Json;
using FastGate.Cluster;
using FastGate.Testing.Cluster;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace FastGate.Tests.Cluster;

/// <summary>The scripts, on a real engine.</summary>
public sealed partial class RedisEngineTests(RedisFixture redis) : IClassFixture<RedisFixture>, IAsyncLifetime, IAsyncDisposable
{
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(30);

    private readonly string _prefix = $"t{Guid.NewGuid():N}";
    private readonly ClusterSettings _settings = new();
    private RedisEngine _engine = null!;
    private ConnectionMultiplexer _raw = null!;
    private NodeIdentity _a = new("a", 0);
    private NodeIdentity _b = new("b", 0);
    private long _now;

    public async Task InitializeAsync()
    {
        if (RedisServer.MissingReason is not null)
        {
            return;
        }

        _engine = new RedisEngine(redis.Server.Options, _prefix, _settings);
        await _engine.ConnectAsync();
        _raw = await ConnectionMultiplexer.ConnectAsync(redis.Server.Options);
        _a = await LeaseAsync("a");
        _b = await LeaseAsync("b");
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (_raw is not null)
        {
            await _engine.DisposeAsync();
            await _raw.DisposeAsync();
        }
    }

    [RedisFact]
    public async Task A_later_connect_wins_and_the_former_node_is_notified()
    {
        var notified = new TaskCompletionSource<string>();
        await _engine.SubscribeAsync("a", notified.SetResult);
        long first = await ClaimAsync(_a, "device", 0, _now - 20);
        long second = await ClaimAsync(_b, "device", 0, _now - 10);

        Assert.InRange(first, 1, second - 1);
        string message = await notified.Task.WaitAsync(s_hang);
        Assert.Equal(ClaimedElsewhere.Kind, message[0]);
        Assert.Equal(new ClaimedElsewhere("device", first), JsonSerializer.Deserialize(message[1..], ClusterJson.Default.ClaimedElsewhere));
        Assert.Equal(new DeviceEntry("b", second), await _engine.FindAsync("device"));
    }

    [RedisFact]
    public async Task A_claim_that_comes_late_does_not_win_against_a_later_connect()
    {
        long later = await ClaimAsync(_b, "device", 0, _now - 10);

        Assert.Equal(ClaimRequest.Stale, await ClaimAsync(_a, "device", 0, _now - 20));
        Assert.Equal(new DeviceEntry("b", later), await _engine.FindAsync("device"));
    }

    [RedisFact]
    public async Task What_a_node_without_a_lease_held_is_free_for_an_earlier_connect()
    {
        long held = await ClaimAsync(_b, "device", 0, _now - 10);
        await _engine.LeaveAsync(_b);

        Assert.Null(await _engine.FindAsync("device"));
        Assert.InRange(await ClaimAsync(_a, "device", 0, _now - 20), held + 1, long.MaxValue);
    }

    [RedisFact]
    public async Task What_an_earlier_process_of_a_node_held_is_free()
    {
        await ClaimAsync(_b, "device", 0, _now - 10);
        NodeIdentity next = await LeaseAsync("b");

        Assert.InRange(next.Incarnation, _b.Incarnation + 1, long.MaxValue);
        Assert.Null(await _engine.FindAsync("device"));
        Assert.InRange(await ClaimAsync(_a, "device", 0, _now - 20), 1, long.MaxValue);
    }

    [RedisFact]
    public async Task A_node_always_wins_against_its_own_entry()
    {
        long first = await ClaimAsync(_a, "device", 0, _now - 10);
        long second = await ClaimAsync(_a, "device", 0, _now - 20);

        Assert.InRange(second, first + 1, long.MaxValue);
        Assert.Equal(second, await ClaimAsync(_a, "device", first, _now - 10));
    }

    [RedisFact]
    public async Task An_epoch_is_kept_while_it_is_verified_and_after_all_data_was_lost()
    {
        long epoch = await ClaimAsync(_a, "device", 0, _now - 10);
        Assert.Equal(epoch, await ClaimAsync(_a, "device", epoch, _now - 10));
        await _raw.GetDatabase().KeyDeleteAsync($"{_prefix}:d:device");
        Assert.Equal(epoch, await ClaimAsync(_a, "device", epoch, _now - 10));
        Assert.Equal(new DeviceEntry("a", epoch), await _engine.FindAsync("device"));
    }

    [RedisFact]
    public async Task A_held_epoch_loses_against_a_greater_one()
    {
        long first = await ClaimAsync(_a, "device", 0, _now - 20);
        long second = await ClaimAsync(_b, "device", 0, _now - 10);

        Assert.Equal(ClaimRequest.Stale, await ClaimAsync(_a, "device", first, _now - 20));
        Assert.Equal(second, await ClaimAsync(_b, "device", second, _now - 10));
    }

    /// <summary>The engine has lost both claims and the older connection is claimed again first, or last.</summary>
    [RedisFact]
    public async Task After_a_loss_the_later_connection_is_the_owner_in_any_order()
    {
        long first = await ClaimAsync(_a, "device", 0, _now - 20);
        long second = await ClaimAsync(_b, "device", 0, _now - 10);
        foreach (bool olderFirst in (bool[])[true, false])
        {
            await _raw.GetDatabase().KeyDeleteAsync($"{_prefix}:d:device");
            if (olderFirst)
            {
                Assert.Equal(first, await ClaimAsync(_a, "device", first, _now - 20));
            }

            Assert.Equal(second, await ClaimAsync(_b, "device", second, _now - 10));
            Assert.Equal(ClaimRequest.Stale, await ClaimAsync(_a, "device", first, _now - 20));
        }
    }

    /// <summary>The clock of a former engine was ahead: its numbers and times are in the future of this one.</summary>
    [RedisFact]
    public async Task Epochs_grow_when_the_clock_of_the_engine_goes_back()
    {
        long ahead = (_now + 3_600_000) * 1_000;
        await _raw.GetDatabase().StringSetAsync($"{_prefix}:d:device", $"{ahead} {_now + 3_600_000} b {_b.Incarnation}");

        Assert.Equal(ahead + 1, await ClaimAsync(_a, "device", 0, _now - 10));
    }

    [RedisFact]
    public async Task A_connect_in_the_future_counts_as_now()
    {
        await ClaimAsync(_a, "device", 0, _now + 3_600_000);
        long later = await NowAsync();

        Assert.InRange(await ClaimAsync(_b, "device", 0, later + 1), 1, long.MaxValue);
    }

    [RedisFact]
    public async Task A_release_removes_its_own_claim_only()
    {
        long first = await ClaimAsync(_a, "device", 0, _now - 20);
        long second = await ClaimAsync(_b, "device", 0, _now - 10);
        await ClaimAsync(_a, "device", -first, 0);
        await ClaimAsync(_a, "device", -second, 0);
        Assert.Equal(new DeviceEntry("b", second), await _engine.FindAsync("device"));

        await ClaimAsync(_b, "device", -second, 0);
        Assert.Null(await _engine.FindAsync("device"));
    }

    [RedisFact]
    public async Task A_release_without_an_epoch_removes_what_the_node_has_claimed()
    {
        long held = await ClaimAsync(_b, "device", 0, _now - 10);
        await ClaimAsync(_a, "device", ClaimRequest.ReleaseAny, 0);
        Assert.Equal(new DeviceEntry("b", held), await _engine.FindAsync("device"));

        await ClaimAsync(_b, "device", ClaimRequest.ReleaseAny, 0);
        Assert.Null(await _engine.FindAsync("device"));
    }

    [RedisFact]
    public async Task A_call_is_answered_in_the_order_of_its_requests()
    {
        long[] answers = await _engine.ClaimAsync(_a, [.. Enumerable.Range(0, 64).Select(index => new ClaimRequest($"device {index % 60}", 0, _now - 10))]);

        Assert.Equal(64, answers.Length);
        Assert.All(Enumerable.Range(0, 4), index => Assert.InRange(answers[60 + index], answers[index] + 1, long.MaxValue));
        Assert.All(Enumerable.Range(4, 56), index => Assert.True(answers[index] > 0));
    }

    [RedisFact]
    public async Task Device_ids_may_have_any_characters()
    {
        const string Id = "a \"b\" \\ %d ^(.+)$ 设备 \n";
        var notified = new TaskCompletionSource<string>();
        var messages = new ClusterMessages(_engine, NullLogger.Instance);
        messages.Handle(ClaimedElsewhere.Kind, ClusterJson.Default.ClaimedElsewhere, message => notified.SetResult(message.Id));
        await _engine.SubscribeAsync("a", messages.Receive);
        await ClaimAsync(_a, Id, 0, _now - 20);
        long second = await ClaimAsync(_b, Id, 0, _now - 10);

        Assert.Equal(Id, await notified.Task.WaitAsync(s_hang));
        Assert.Equal(new DeviceEntry("b", second), await _engine.FindAsync(Id));
    }

    [RedisFact]
    public async Task An_entry_is_forgotten_when_nothing_verifies_it()
    {
        await ClaimAsync(_a, "device", 0, _now);
        TimeSpan? life = await _raw.GetDatabase().KeyTimeToLiveAsync($"{_prefix}:d:device");
        Assert.InRange(life!.Value, TimeSpan.FromMinutes(50), _settings.EntryLife);
    }

    [RedisFact]
    public async Task A_script_that_the_engine_has_forgotten_is_sent_again()
    {
        await ClaimAsync(_a, "device", 0, _now);
        await _raw.GetDatabase().ExecuteAsync("SCRIPT", "FLUSH");

        Assert.InRange(await ClaimAsync(_a, "device", 0, _now), 1, long.MaxValue);
    }

    [RedisFact]
    public async Task A_refusal_of_the_engine_is_a_failure_of_the_call()
    {
        await _raw.GetDatabase().ListLeftPushAsync($"{_prefix}:d:device", "not a claim");

        await Assert.ThrowsAsync<ClusterEngineException>(() => ClaimAsync(_a, "device", 0, _now));
    }

    [Theory]
    [InlineData("")]
    [InlineData("redis:port,password=secret1")]
    [InlineData("redis:6379,connectTimeout=secret1")]
    [InlineData("redis:6379,noSuchOption=secret1")]
    public void Options_that_are_not_understood_are_refused_without_showing_them(string options)
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => RedisEngine.Read(options));
        Assert.DoesNotContain("secret1", exception.ToString(), StringComparison.Ordinal);
    }

    private async Task<NodeIdentity> LeaseAsync(string name)
    {
        LeaseAnswer answer = await _engine.RenewAsync(new NodeIdentity(name, 0), """{"n":1}""");
        _now = answer.EngineMs;
        return new NodeIdentity(name, answer.Incarnation);
    }

    private async Task<(LeaseResult Result, long Incarnation)> RenewAsync(NodeIdentity node, RedisEngine? engine = null)
    {
        LeaseAnswer answer = await (engine ?? _engine).RenewAsync(node, "{}");
        Assert.Matches("^[0-9a-f]{40}$", answer.EngineRun);
        return (answer.Result, answer.Incarnation);
    }

    private async Task<long> NowAsync() => (await _engine.RenewAsync(_a, "{}")).EngineMs;

    private async Task<long> ClaimAsync(NodeIdentity node, string device, long epoch, long connectedMs) =>
        Assert.Single(await _engine.ClaimAsync(node, [new ClaimRequest(device, epoch, connectedMs)]));
}
