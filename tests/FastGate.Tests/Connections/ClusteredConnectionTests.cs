using System.Collections.Concurrent;
using FastGate.Connections;
using FastGate.HandOver;
using FastGate.Protocol.Framing;
using FastGate.Registry;
using FastGate.Testing;

namespace FastGate.Tests.Connections;

/// <summary>What a connection reports to a directory of several nodes, and when.</summary>
public sealed class ClusteredConnectionTests : IDisposable
{
    private readonly ConnectionHarness _harness = new();
    private readonly RecordingDirectory _directory = new();

    public ClusteredConnectionTests() => _harness.Services.Directory = _directory;

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task A_connection_reports_when_it_is_registered_and_when_it_has_left()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        DeviceConnection connection = Assert.Single(_harness.Connections());
        Assert.Equal([$"registered {connection.DeviceId}"], _directory.Reports);
        Assert.False(((IClaimedConnection)connection).Claim.IsEnded);
        await CloseAsync(device);
        await _harness.EndAsync();

        Assert.Equal([$"registered {connection.DeviceId}", $"left {connection.DeviceId}"], _directory.Reports);
    }

    [Fact]
    public async Task A_connection_that_is_replaced_here_does_not_release_the_device()
    {
        ScriptedDevice former = await _harness.UpgradedAsync();
        await _harness.UpgradedAsync();
        await former.ReceiveTextAsync();
        await CloseAsync(former);

        Assert.Equal(["registered aa:bb:cc:dd:ee:ff", "registered aa:bb:cc:dd:ee:ff"], _directory.Reports);
    }

    [Fact]
    public async Task A_connection_that_is_replaced_elsewhere_ends_as_one_that_is_replaced_here()
    {
        ScriptedDevice here = await _harness.UpgradedAsync("Device-Id: here\r\n");
        await _harness.UpgradedAsync("Device-Id: here\r\n");
        ScriptedDevice elsewhere = await _harness.UpgradedAsync("Device-Id: elsewhere\r\n");
        var connections = new ClaimedConnections<DeviceConnection>(_harness.Registry);
        IClaimedConnection connection = connections.Find("elsewhere")!;
        Assert.True(connections.Remove(connection));
        connection.OnReplaced();

        Assert.Equal(await here.ReceiveTextAsync(), await elsewhere.ReceiveTextAsync());
        Assert.Null(connections.Find("elsewhere"));
        Assert.DoesNotContain("left elsewhere", _directory.Reports);
        await CloseAsync(elsewhere);
        await CloseAsync(here);
        Assert.DoesNotContain("left elsewhere", _directory.Reports);
    }

    [Fact]
    public async Task A_connection_that_is_handed_over_keeps_its_epoch_and_is_not_released()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        ((IClaimedConnection)Assert.Single(_harness.Connections())).Claim.Epoch = 4_711;
        _harness.Services.HandOver.BeginQuiet();
        ConnectionState state = Assert.Single(await _harness.Services.HandOver.DetachAllAsync(HandOverBench.Limit));
        Assert.Equal(4_711, state.ClaimEpoch);
        Assert.Equal(["registered aa:bb:cc:dd:ee:ff"], _directory.Reports);

        using ConnectionHarness next = new();
        var directory = new RecordingDirectory();
        next.Services.Directory = directory;
        next.Adopt(device, state);
        Assert.Equal(["registered aa:bb:cc:dd:ee:ff"], directory.Reports);
        Assert.Equal(4_711, ((IClaimedConnection)Assert.Single(next.Connections())).Claim.Epoch);
    }

    [Fact]
    public async Task A_connection_that_is_refused_reports_nothing()
    {
        ScriptedDevice device = _harness.Connect();
        await device.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await _harness.EndAsync();

        Assert.Empty(_directory.Reports);
    }

    /// <summary>The words of a claim, against a connection without them. A server without a cluster has none of them.</summary>
    [Fact]
    public void A_claim_takes_at_most_64_bytes_of_a_connection()
    {
        InMemoryConnection context = new();
        long alone = SizeOf(() => new DeviceConnection(_harness.Services, context));
        long clustered = SizeOf(() => new ClusteredConnection(_harness.Services, context, _directory));

        Assert.InRange(clustered - alone, 1, 64);
    }

    private static async Task CloseAsync(ScriptedDevice device)
    {
        await device.SendCloseAsync(CloseStatus.Normal);
        await device.ReceiveCloseAsync();
    }

    private static long SizeOf(Func<object> create)
    {
        object?[] kept = new object?[1];
        return Allocations.Of(() => kept[0] = create(), times: 100) / 100;
    }

    private sealed class RecordingDirectory : IDeviceDirectory
    {
        public ConcurrentQueue<string> Reports { get; } = new();

        public void Registered(IClaimedConnection connection) => Reports.Enqueue($"registered {connection.DeviceId}");

        public void Left(IClaimedConnection connection) => Reports.Enqueue($"left {connection.DeviceId}");
    }
}
