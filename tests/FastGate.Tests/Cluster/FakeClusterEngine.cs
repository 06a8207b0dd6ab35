using System.Collections.Concurrent;
using FastGate.Cluster;

namespace FastGate.Tests.Cluster;

/// <summary>An engine inside the process: claims are answered by the test, one call after the other.</summary>
internal sealed class FakeClusterEngine : IClusterEngine
{
    private readonly ConcurrentQueue<FakeClaimCall> _calls = new();
    private readonly ConcurrentQueue<FakeClaimCall> _all = new();
    private readonly SemaphoreSlim _called = new(0);
    private long _epoch = 100;
    private volatile bool _isAbandoned;

    public event Action? Restored;

    public Exception? Failure { get; set; }

    /// <summary>What the node said of itself with its last renewal.</summary>
    public string Load { get; private set; } = "";

    /// <summary>Where a device is.</summary>
    public Func<string, DeviceEntry?> Find { get; set; } = static _ => null;

    /// <summary>Takes a message to a node, and returns the number of its receivers.</summary>
    public Func<string, string, long> Publish { get; set; } = static (_, _) => 0;

    public Task<string?> EvictionAsync() => Task.FromResult<string?>(null);

    public ICommandEngine Commands => throw new NotSupportedException("The tests of commands use Redis.");

    public IReadOnlyList<NodeEntry> Nodes { get; set; } = [];

    public Task ConnectAsync() => Task.CompletedTask;

    public Task<int> SchemaAsync() => Task.FromResult(0);

    public Task<long[]> ClaimAsync(NodeIdentity node, IReadOnlyList<ClaimRequest> requests)
    {
        var call = new FakeClaimCall([.. requests]);
        _all.Enqueue(call);
        _calls.Enqueue(call);
        if (_isAbandoned)
        {
            Abandon();
        }

        _called.Release();
        return call.Answer.Task;
    }

    public Task<LeaseAnswer> RenewAsync(NodeIdentity node, string load)
    {
        if (Failure is not null)
        {
            return Task.FromException<LeaseAnswer>(Failure);
        }

        Load = load;
        return Task.FromResult(new LeaseAnswer(node.Incarnation == 0 ? LeaseResult.New : LeaseResult.Kept, 1, 1_000_000, "run"));
    }

    public Task LeaveAsync(NodeIdentity node) => Task.CompletedTask;

    public Task<IReadOnlyList<NodeEntry>> NodesAsync() => Failure is null ? Task.FromResult(Nodes) : Task.FromException<IReadOnlyList<NodeEntry>>(Failure);

    public Task<DeviceEntry?> FindAsync(string deviceId) => Failure is null ? Task.FromResult(Find(deviceId)) : Task.FromException<DeviceEntry?>(Failure);

    public Task SubscribeAsync(string node, Action<string> received) => Task.CompletedTask;

    public Task<IReadOnlyList<SharedBan>> BansAsync() => Task.FromResult<IReadOnlyList<SharedBan>>([]);

    public Task PutBansAsync(IReadOnlyList<SharedBan> added, IReadOnlyList<SharedBan> removed) => Task.CompletedTask;

    public Task<IReadOnlyList<SharedTagSet>> TagsAsync(long after, int most) => Task.FromResult<IReadOnlyList<SharedTagSet>>([]);

    public Task PutTagsAsync(IReadOnlyList<(string Device, string Tags)> tags, bool onlyNew) => Task.CompletedTask;

    public Task<long> PublishAsync(string node, string message) => Task.FromResult(Publish(node, message));

    public ValueTask DisposeAsync()
    {
        _called.Dispose();
        return ValueTask.CompletedTask;
    }

    public void Restore() => Restored?.Invoke();

    /// <summary>The next call.</summary>
    public async Task<FakeClaimCall> NextAsync()
    {
        Assert.True(await _called.WaitAsync(TimeSpan.FromSeconds(30)), "no further call");
        Assert.True(_calls.TryDequeue(out FakeClaimCall? call));
        return call;
    }

    /// <summary>Every call fails, also those that wait.</summary>
    public void Abandon()
    {
        _isAbandoned = true;
        while (_all.TryDequeue(out FakeClaimCall? call))
        {
            call.Answer.TrySetException(new ClusterEngineException("the test has ended"));
        }
    }

    /// <summary>No call waits.</summary>
    public bool IsQuiet => _calls.IsEmpty;

    /// <summary>Answers as the engine does: new epochs for connections that have none.</summary>
    public void Grant(FakeClaimCall call) =>
        call.Answer.SetResult([.. call.Requests.Select(request => request.Epoch switch { 0 => ++_epoch, > 0 => request.Epoch, _ => 0 })]);
}
