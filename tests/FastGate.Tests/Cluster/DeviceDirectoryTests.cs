using System.Diagnostics.Metrics;
using FastGate.Cluster;
using FastGate.Diagnostics;
using FastGate.Registry;
using FastGate.Testing.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Cluster;

/// <summary>What the loop of the claims sends, and what it makes of the answers.</summary>
public sealed class DeviceDirectoryTests : IAsyncLifetime, IAsyncDisposable
{
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(30);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ConnectionRegistry<FakeClaimedConnection> _registry = new(10_000, replace: true);
    private readonly FakeClusterEngine _engine = new();
    private readonly EngineLink _link = new(3, TimeProvider.System, NullLogger.Instance);
    private readonly DeviceDirectory _directory;
    private readonly Task _loop;
    private int _claimsOmitted;
    private int _releasesOmitted;

    public DeviceDirectoryTests()
    {
        _directory = new DeviceDirectory(
            new ClaimedConnections<FakeClaimedConnection>(_registry),
            _engine,
            _link,
            new EngineClock(),
            new ClusterSettings { Queue = 1_000 },
            new ClusterMetrics(_services.GetRequiredService<IMeterFactory>()),
            NullLogger.Instance)
        {
            ClaimOmitted = () => Interlocked.Increment(ref _claimsOmitted),
            ReleaseOmitted = () => Interlocked.Increment(ref _releasesOmitted),
        };
        _link.Up(new NodeIdentity("node", 1), _link.Downs);
        _loop = Task.Run(_directory.RunAsync);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        _link.Down("the test ends");
        _engine.Abandon();
        _directory.Stop();
        await _loop.WaitAsync(s_hang);
        await _engine.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task A_registered_connection_is_claimed_with_the_time_of_its_connect()
    {
        FakeClaimedConnection device = Connect("device", 77);
        FakeClaimCall call = await _engine.NextAsync();

        Assert.Equal([new ClaimRequest("device", 0, 77)], call.Requests);
        call.Answer.SetResult([500]);
        await Until.TrueAsync(() => device.Epoch == 500);
        Assert.Equal(0, device.Replaced);
    }

    [Fact]
    public async Task A_connection_that_has_left_is_released_with_its_epoch()
    {
        FakeClaimedConnection device = Connect("device");
        (await _engine.NextAsync()).Answer.SetResult([500]);
        await Until.TrueAsync(() => device.Epoch == 500);
        Disconnect(device);
        FakeClaimCall call = await _engine.NextAsync();

        Assert.Equal([-500], call.Requests.Select(static request => request.Epoch));
        call.Answer.SetResult([0]);
        await Until.TrueAsync(() => device.Epoch == 0);
    }

    [Fact]
    public async Task A_connection_that_leaves_while_its_claim_is_on_the_way_is_released_after_the_answer()
    {
        FakeClaimedConnection device = Connect("device");
        FakeClaimCall claim = await _engine.NextAsync();
        Disconnect(device);
        claim.Answer.SetResult([500]);

        Assert.Equal([-500], (await _engine.NextAsync()).Requests.Select(static request => request.Epoch));
    }

    [Fact]
    public async Task A_connection_that_leaves_after_a_claim_without_an_answer_is_released_whatever_its_epoch_is()
    {
        FakeClaimedConnection device = Connect("device");
        FakeClaimCall claim = await _engine.NextAsync();
        Disconnect(device);
        claim.Answer.SetException(new ClusterEngineException("hangs"));

        Assert.Equal([ClaimRequest.ReleaseAny], (await _engine.NextAsync()).Requests.Select(static request => request.Epoch));
    }

    [Fact]
    public async Task A_connection_that_has_left_before_its_claim_is_not_mentioned()
    {
        FakeClaimedConnection first = Connect("first");
        FakeClaimCall held = await _engine.NextAsync();
        FakeClaimedConnection second = Connect("second");
        Disconnect(second);
        Connect("third");
        held.Answer.SetResult([500]);

        Assert.Equal(["third"], (await _engine.NextAsync()).Requests.Select(static request => request.DeviceId));
        Assert.Equal(500, first.Epoch);
    }

    [Fact]
    public async Task Only_the_newest_connection_of_a_device_is_claimed_in_any_order_of_the_reports()
    {
        FakeClaimedConnection blocker = Connect("blocker");
        FakeClaimCall held = await _engine.NextAsync();
        FakeClaimedConnection older = new("device", 1);
        FakeClaimedConnection newer = new("device", 2);
        _registry.Register(older, out _);
        _registry.Register(newer, out _);
        _directory.Registered(newer);
        _directory.Registered(older);
        _engine.Grant(held);
        FakeClaimCall call = await _engine.NextAsync();

        Assert.Equal([new ClaimRequest("device", 0, 2)], call.Requests);
        _engine.Grant(call);
        await Until.TrueAsync(() => newer.Epoch > 0);
        Assert.Equal(0, older.Epoch);
        Assert.True(blocker.Epoch > 0);
    }

    [Fact]
    public async Task A_stale_connection_leaves_the_registry_and_is_replaced_once()
    {
        FakeClaimedConnection device = Connect("device");
        (await _engine.NextAsync()).Answer.SetResult([ClaimRequest.Stale]);

        await Until.TrueAsync(() => device.Replaced == 1);
        Assert.Null(_registry.Find("device"));
        _directory.OnClaimedElsewhere("device", long.MaxValue);
        Assert.Equal(1, device.Replaced);
    }

    [Theory]
    [InlineData(499, 0)]
    [InlineData(500, 1)]
    [InlineData(501, 1)]
    public async Task A_message_about_a_claim_replaces_the_connection_that_it_is_about(long epoch, int replaced)
    {
        FakeClaimedConnection device = Connect("device");
        (await _engine.NextAsync()).Answer.SetResult([500]);
        await Until.TrueAsync(() => device.Epoch == 500);
        _directory.OnClaimedElsewhere("device", epoch);
        _directory.OnClaimedElsewhere("device", epoch);

        Assert.Equal(replaced, device.Replaced);
    }

    [Fact]
    public async Task A_message_that_overtakes_the_answer_makes_the_claim_be_verified()
    {
        FakeClaimedConnection device = Connect("device");
        FakeClaimCall claim = await _engine.NextAsync();
        _directory.OnClaimedElsewhere("device", 500);
        Assert.Equal(0, device.Replaced);
        claim.Answer.SetResult([500]);
        FakeClaimCall verification = await _engine.NextAsync();

        Assert.Equal([500], verification.Requests.Select(static request => request.Epoch));
        verification.Answer.SetResult([ClaimRequest.Stale]);
        await Until.TrueAsync(() => device.Replaced == 1);
    }

    [Fact]
    public async Task A_storm_is_claimed_in_full_calls_several_at_once_in_order()
    {
        Connect("first");
        FakeClaimCall held = await _engine.NextAsync();
        FakeClaimedConnection[] devices = [.. Enumerable.Range(0, 640).Select(index => Connect($"device {index}"))];
        Assert.True(_engine.IsQuiet, "one call is on the way and its answer is waited for");
        _engine.Grant(held);
        List<FakeClaimCall> calls = [];
        for (int call = 0; call < 8; call++)
        {
            calls.Add(await _engine.NextAsync());
        }

        Assert.All(calls, static call => Assert.Equal(64, call.Requests.Length));
        Assert.Equal(Enumerable.Range(0, 512).Select(static index => $"device {index}"), calls.SelectMany(static call => call.Requests).Select(static request => request.DeviceId));
        foreach (FakeClaimCall call in calls)
        {
            _engine.Grant(call);
        }

        _engine.Grant(await _engine.NextAsync());
        _engine.Grant(await _engine.NextAsync());
        await Until.TrueAsync(() => devices.All(static device => device.Epoch > 0));
        Assert.Equal(0, _directory.Waiting);
    }

    [Fact]
    public async Task Failures_in_a_row_end_the_use_of_the_engine_and_lose_nothing_that_is_connected()
    {
        FakeClaimedConnection device = Connect("device");
        for (int failure = 0; failure < 3; failure++)
        {
            (await _engine.NextAsync()).Answer.SetException(new ClusterEngineException("hangs"));
        }

        await Until.TrueAsync(() => !_link.IsUp);
        Assert.Equal("hangs", _link.Reason);
        FakeClaimedConnection other = Connect("other");
        await Until.TrueAsync(() => _directory.Waiting == 0);
        Assert.True(_engine.IsQuiet);

        _link.Up(new NodeIdentity("node", 1), _link.Downs);
        _directory.Look(device);
        _directory.Look(other);
        FakeClaimCall call = await _engine.NextAsync();
        Assert.Equal(["device", "other"], call.Requests.Select(static request => request.DeviceId));
    }

    [Fact]
    public async Task An_answer_of_the_wrong_length_is_a_failure()
    {
        FakeClaimedConnection device = Connect("device");
        (await _engine.NextAsync()).Answer.SetResult([1, 2]);
        _engine.Grant(await _engine.NextAsync());

        await Until.TrueAsync(() => device.Epoch > 2);
    }

    [Fact]
    public async Task Changes_beyond_the_bound_of_the_queue_are_made_up_for_by_a_walk()
    {
        Connect("first");
        FakeClaimCall held = await _engine.NextAsync();
        for (int index = 0; index < 1_100; index++)
        {
            Connect($"device {index}");
        }

        Disconnect((FakeClaimedConnection)_registry.Find("device 1099")!);
        Assert.Equal(100, Volatile.Read(ref _claimsOmitted));
        Assert.Equal(1, Volatile.Read(ref _releasesOmitted));
        Assert.InRange(_directory.Waiting, 1_000, 1_001);
        _engine.Grant(held);
    }

    private FakeClaimedConnection Connect(string id, long openedMs = 1)
    {
        var device = new FakeClaimedConnection(id, openedMs);
        _registry.Register(device, out _);
        _directory.Registered(device);
        return device;
    }

    private void Disconnect(FakeClaimedConnection device)
    {
        Assert.True(_registry.Remove(device));
        _directory.Left(device);
    }
}
