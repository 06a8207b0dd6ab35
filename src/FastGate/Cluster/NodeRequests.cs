using System.Collections.Concurrent;
using System.Globalization;
using FastGate.Diagnostics;
using FastGate.Registry;
using Microsoft.Extensions.Logging;

namespace FastGate.Cluster;

/// <summary>
/// Acts that other nodes run for this one, and that this one runs for them. A message may be lost, so that every request has a time limit, after which
/// its outcome is unknown. Any thread but an event loop.
/// </summary>
/// <remarks>
/// A message is published once and at the most once received, so that no request is run twice. The epoch in it names the connection for which the asking
/// node found this one; the time in it keeps a node that was frozen from running what nothing waits for any more.
/// </remarks>
internal sealed class NodeRequests
{
    private const int MostLookUps = 3;

    private readonly ClusterMessages _messages;
    private readonly IClusterEngine _engine;
    private readonly IClaimedConnections _connections;
    private readonly EngineLink _link;
    private readonly Func<long> _engineNowMs;
    private readonly ClusterSettings _settings;
    private readonly ClusterMetrics _metrics;
    private readonly ILogger _log;
    private readonly TimeProvider _time;

    /// <summary>A reply to an earlier process of this node has another one.</summary>
    private readonly string _process = Guid.NewGuid().ToString("N");

    private readonly ConcurrentDictionary<string, TaskCompletionSource<NodeReply>> _pending = new(StringComparer.Ordinal);
    private long _lastId;
    private int _waiting;
    private int _running;

    public NodeRequests(
        ClusterMessages messages,
        IClusterEngine engine,
        IClaimedConnections connections,
        EngineLink link,
        Func<long> engineNowMs,
        ClusterSettings settings,
        ClusterMetrics metrics,
        ILogger log,
        TimeProvider time)
    {
        (_messages, _engine, _connections, _link, _engineNowMs) = (messages, engine, connections, link, engineNowMs);
        (_settings, _metrics, _log, _time) = (settings, metrics, log, time);
        messages.Handle(NodeRequest.Kind, ClusterJson.Default.NodeRequest, OnRequest);
        messages.Handle(NodeReply.Kind, ClusterJson.Default.NodeReply, OnReply);
    }

    /// <summary>Runs the acts of other nodes. Set before the first message.</summary>
    public Func<NodeAct, Task<NodeAnswer>>? Run { get; set; }

    /// <summary>Name of this node, also while the engine is not used; empty before the start.</summary>
    public Func<string> Own { get; init; } = static () => "";

    /// <summary>Requests to other nodes that wait for their reply.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>How long a request waits for its reply.</summary>
    public TimeSpan Limit => _settings.RequestTimeout;

    /// <summary>Whether a device is connected to this node.</summary>
    public bool Holds(string deviceId) => _connections.Find(deviceId) is not null;

    /// <summary>Asks the node that holds a device. A node that does not hold it any more refuses, and the device is looked up again.</summary>
    public async Task<NodeResult> AskHolderAsync(string deviceId, NodeAct act)
    {
        long began = _time.GetTimestamp();
        var result = new NodeResult(NodeOutcome.Moved);
        for (int lookUp = 0; lookUp < MostLookUps && _time.GetElapsedTime(began) < _settings.RequestTimeout; lookUp++)
        {
            if (lookUp > 0)
            {
                // The claim of its new connection is on the way.
                await Task.Delay(_settings.LookUpAgain, _time);
            }

            if (_link.Node is not { } own)
            {
                return Count(new NodeResult(NodeOutcome.Unavailable, Detail: _link.Reason));
            }

            DeviceEntry? entry;
            try
            {
                entry = await _engine.FindAsync(deviceId);
            }
            catch (ClusterEngineException exception)
            {
                return Count(new NodeResult(NodeOutcome.Unavailable, Detail: exception.Message));
            }

            if (entry is null || entry.Node == own.Name)
            {
                return new NodeResult(NodeOutcome.NotElsewhere);
            }

            result = await AskAsync(own, entry.Node, deviceId, entry.Epoch, act, began);
            if (result.Outcome != NodeOutcome.Moved)
            {
                return result;
            }
        }

        return result;
    }

    /// <summary>Asks one other node, which may have any name.</summary>
    public async Task<NodeResult> AskNodeAsync(string node, NodeAct act) => _link.Node is { } own
        ? await AskAsync(own, node, null, 0, act, _time.GetTimestamp())
        : Count(new NodeResult(NodeOutcome.Unavailable, node, Detail: _link.Reason));

    /// <summary>Asks all other nodes that have a lease, at once. One result without a node when they are not known.</summary>
    public async Task<IReadOnlyList<NodeResult>> AskOthersAsync(NodeAct act)
    {
        long began = _time.GetTimestamp();
        if (_link.Node is not { } own)
        {
            return [Count(new NodeResult(NodeOutcome.Unavailable, Detail: _link.Reason))];
        }

        try
        {
            IReadOnlyList<NodeEntry> nodes = await _engine.NodesAsync();
            return await Task.WhenAll(nodes
                .Where(node => node.Load is not null && node.Name != own.Name)
                .Select(node => AskAsync(own, node.Name, null, 0, act, began)));
        }
        catch (ClusterEngineException exception)
        {
            return [Count(new NodeResult(NodeOutcome.Unavailable, Detail: exception.Message))];
        }
    }

    private async Task<NodeResult> AskAsync(NodeIdentity own, string node, string? deviceId, long epoch, NodeAct act, long began)
    {
        if (Interlocked.Increment(ref _waiting) > _settings.MostRequests)
        {
            Interlocked.Decrement(ref _waiting);
            return Count(new NodeResult(NodeOutcome.Busy, node));
        }

        string id = string.Create(CultureInfo.InvariantCulture, $"{_process}-{Interlocked.Increment(ref _lastId)}");
        var answered = new TaskCompletionSource<NodeReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answered;
        try
        {
            TimeSpan left = _settings.RequestTimeout - _time.GetElapsedTime(began);
            left = left < TimeSpan.Zero ? TimeSpan.Zero : left;
            var request = new NodeRequest(id, own.Name, deviceId, epoch, _engineNowMs() + (long)left.TotalMilliseconds, act);
            if (await _messages.SendAsync(node, NodeRequest.Kind, request, ClusterJson.Default.NodeRequest) == 0)
            {
                return Count(new NodeResult(NodeOutcome.Unreachable, node));
            }

            NodeReply reply = await answered.Task.WaitAsync(left, _time);
            return Count(reply switch
            {
                { Answer: { } answer } => new NodeResult(NodeOutcome.Answered, node, answer),
                { Refusal: NodeRefusal.Moved } => new NodeResult(NodeOutcome.Moved, node),
                _ => new NodeResult(NodeOutcome.Busy, node),
            });
        }
        catch (Exception exception) when (exception is TimeoutException or ClusterEngineException)
        {
            return Count(new NodeResult(NodeOutcome.Unknown, node));
        }
        finally
        {
            _pending.TryRemove(id, out _);
            Interlocked.Decrement(ref _waiting);
        }
    }

    private void OnReply(NodeReply reply)
    {
        if (_pending.TryRemove(reply.Id, out TaskCompletionSource<NodeReply>? answered))
        {
            answered.TrySetResult(reply);
        }
    }

    /// <summary>Must not wait: the messages behind this one are about claims.</summary>
    private void OnRequest(NodeRequest request)
    {
        if (_engineNowMs() > request.UntilMs || Run is null)
        {
            _metrics.Handled("late");
        }
        else if (Interlocked.Increment(ref _running) > _settings.MostRequests)
        {
            Interlocked.Decrement(ref _running);
            _metrics.Handled("busy");
            _ = ReplyAsync(request, new NodeReply(request.Id, NodeRefusal.Busy, null));
        }
        else
        {
            _ = Task.Run(() => AnswerAsync(request, Run));
        }
    }

    private async Task AnswerAsync(NodeRequest request, Func<NodeAct, Task<NodeAnswer>> run)
    {
        try
        {
            bool isHere = request.Device is not { } device || (_connections.Find(device) is { } connection && Volatile.Read(in connection.Claim.Epoch) == request.Epoch);
            NodeReply reply = isHere
                ? new NodeReply(request.Id, NodeRefusal.None, await run(request.Act))
                : new NodeReply(request.Id, NodeRefusal.Moved, null);
            _metrics.Handled(isHere ? "run" : "moved");
            await ReplyAsync(request, reply);
        }
        catch (Exception exception)
        {
            _metrics.Handled("failed");
            _log.NodeRequestFailed(exception, request.Act.Operation, request.From);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private async Task ReplyAsync(NodeRequest request, NodeReply reply)
    {
        try
        {
            await _messages.SendAsync(request.From, NodeReply.Kind, reply, ClusterJson.Default.NodeReply);
        }
        catch (ClusterEngineException exception)
        {
            _log.NodeReplyNotSent(request.From, exception.Message);
        }
    }

    private NodeResult Count(NodeResult result)
    {
        _metrics.Asked(result.Outcome switch
        {
            NodeOutcome.Answered => "answered",
            NodeOutcome.Unavailable => "unavailable",
            NodeOutcome.Unreachable => "unreachable",
            NodeOutcome.Moved => "moved",
            NodeOutcome.Busy => "busy",
            _ => "unknown",
        });
        return result;
    }
}
