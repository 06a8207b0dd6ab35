namespace FastGate.Cluster;

/// <summary>
/// Answers OTA: the address of the node that a device should connect to. The list of nodes is read once a second at the most, however many devices ask.
/// Any thread.
/// </summary>
/// <param name="read">Asks the engine for all nodes.</param>
/// <param name="find">Asks the engine where a device is.</param>
/// <param name="link">Whether the engine is used.</param>
/// <param name="time">The clock.</param>
internal sealed class NodePlacement(Func<Task<IReadOnlyList<NodeEntry>>> read, Func<string, Task<DeviceEntry?>> find, EngineLink link, TimeProvider time)
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly long _began = time.GetTimestamp();

    // Under the lock.
    private IReadOnlyList<NodeCandidate> _nodes = [];
    private TimeSpan? _readAt;
    private Task<IReadOnlyList<NodeCandidate>>? _reading;

    /// <summary>Null when the engine does not answer or no node has room: then OTA answers as on a single node.</summary>
    /// <param name="deviceId">The normalised device id.</param>
    /// <param name="tags">Of the device.</param>
    /// <param name="isHere">Whether it is connected to this node.</param>
    public async Task<string?> UrlForAsync(string deviceId, IReadOnlyCollection<string> tags, bool isHere)
    {
        if (link.Node is not { } own)
        {
            return null;
        }

        try
        {
            IReadOnlyList<NodeCandidate> nodes = await NodesAsync();
            string? present = isHere ? own.Name : (await find(deviceId))?.Node;
            NodeCandidate? chosen = NodeChoice.Choose(nodes, deviceId, tags, present);
            if (chosen is not null && chosen.Name != present)
            {
                chosen.Expect();
            }

            return chosen?.Url;
        }
        catch (ClusterEngineException)
        {
            return null;
        }
    }

    private Task<IReadOnlyList<NodeCandidate>> NodesAsync()
    {
        lock (_lock)
        {
            return _readAt is { } at && Now - at < s_fresh ? Task.FromResult(_nodes) : _reading ??= ReadAsync();
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_began);

    private async Task<IReadOnlyList<NodeCandidate>> ReadAsync()
    {
        // The caller has the lock.
        await Task.Yield();
        try
        {
            IReadOnlyList<NodeEntry> entries = await read();
            lock (_lock)
            {
                TimeSpan now = Now;
                _nodes =
                [
                    .. entries.Select(NodeReport.Of).Where(static node => node.Load?.Url is not null)
                        .Select(node => new NodeCandidate(node.Name, node.Load!, now.TotalSeconds - node.LeaseAgeSeconds)
                            .After(_nodes.FirstOrDefault(before => before.Name == node.Name))),
                ];
                _readAt = now;
                return _nodes;
            }
        }
        catch (ClusterEngineException exception)
        {
            // Once for all that wait. Devices must not wait long for an engine that hangs.
            link.Failed(exception.Message);
            throw;
        }
        finally
        {
            lock (_lock)
            {
                _reading = null;
            }
        }
    }
}
