using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using FastGate.Cluster;

namespace FastGate.Tests.Cluster;

/// <summary>An engine whose answers to new claims are recorded, with the order in which calls began and ended.</summary>
internal sealed class RecordingEngine(IClusterEngine engine, ConcurrentQueue<GrantedClaim> granted, StrongBox<long> steps) : IClusterEngine
{
    public event Action? Restored
    {
        add => engine.Restored += value;
        remove => engine.Restored -= value;
    }

    public async Task<long[]> ClaimAsync(NodeIdentity node, IReadOnlyList<ClaimRequest> requests)
    {
        long began = Interlocked.Increment(ref steps.Value);
        long[] epochs = await engine.ClaimAsync(node, requests);
        long ended = Interlocked.Increment(ref steps.Value);
        for (int i = 0; i < epochs.Length; i++)
        {
            if (requests[i].Epoch == 0 && epochs[i] > 0)
            {
                granted.Enqueue(new GrantedClaim(requests[i].DeviceId, epochs[i], began, ended));
            }
        }

        return epochs;
    }

    public Task ConnectAsync() => engine.ConnectAsync();

    public Task<int> SchemaAsync() => engine.SchemaAsync();

    public Task<LeaseAnswer> RenewAsync(NodeIdentity node, string load) => engine.RenewAsync(node, load);

    public Task LeaveAsync(NodeIdentity node) => engine.LeaveAsync(node);

    public Task<IReadOnlyList<NodeEntry>> NodesAsync() => engine.NodesAsync();

    public Task<DeviceEntry?> FindAsync(string deviceId) => engine.FindAsync(deviceId);

    public Task SubscribeAsync(string node, Action<string> received) => engine.SubscribeAsync(node, received);

    public Task<string?> EvictionAsync() => engine.EvictionAsync();

    public ICommandEngine Commands => engine.Commands;

    public Task<IReadOnlyList<SharedBan>> BansAsync() => engine.BansAsync();

    public Task PutBansAsync(IReadOnlyList<SharedBan> added, IReadOnlyList<SharedBan> removed) => engine.PutBansAsync(added, removed);

    public Task<IReadOnlyList<SharedTagSet>> TagsAsync(long after, int most) => engine.TagsAsync(after, most);

    public Task PutTagsAsync(IReadOnlyList<(string Device, string Tags)> tags, bool onlyNew) => engine.PutTagsAsync(tags, onlyNew);

    public Task<long> PublishAsync(string node, string message) => engine.PublishAsync(node, message);

    public ValueTask DisposeAsync() => engine.DisposeAsync();
}
