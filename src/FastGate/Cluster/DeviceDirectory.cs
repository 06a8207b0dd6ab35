using System.Diagnostics;
using FastGate.Diagnostics;
using FastGate.Registry;
using Microsoft.Extensions.Logging;

namespace FastGate.Cluster;

/// <summary>
/// Claims the devices of this node at the engine. A change only puts its connection into a queue; one loop compares each queued connection with the
/// registry and sends what follows from that, so that the order in which changes arrive does not matter. A device never waits for it.
/// </summary>
/// <remarks>
/// While the engine is not used nothing is queued: when it is used again <see cref="NodeLease"/> takes a new incarnation, which makes all earlier entries
/// of this node void, and <see cref="DirectoryWalk"/> visits every connection.
/// </remarks>
internal sealed class DeviceDirectory(
    IClaimedConnections connections,
    IClusterEngine engine,
    EngineLink link,
    EngineClock clock,
    ClusterSettings settings,
    ClusterMetrics metrics,
    ILogger log) : IDeviceDirectory
{
    private readonly ClaimQueue _queue = new(settings.Queue);
    private volatile bool _stopped;

    // Owned by the loop.
    private readonly Queue<IClaimedConnection> _taken = new();
    private readonly Queue<ClaimCall> _calls = new();

    // Written by the loop.
    private int _unanswered;

    /// <summary>Called when a claim had no room in the queue: all connections have to be visited. Set before the first connection.</summary>
    public Action ClaimOmitted { get; set; } = static () => { };

    /// <summary>Called when a release had no room in the queue. Set before the first connection.</summary>
    public Action ReleaseOmitted { get; set; } = static () => { };

    /// <summary>Connections that wait for a call or for its answer. Any thread.</summary>
    public int Waiting => _queue.Count + Volatile.Read(ref _unanswered);

    public void Registered(IClaimedConnection connection) => Look(connection);

    public void Left(IClaimedConnection connection)
    {
        connection.Claim.IsEnded = true;
        Look(connection);
    }

    /// <summary>Claims or verifies a connection. Any thread.</summary>
    public void Look(IClaimedConnection connection)
    {
        if (link.IsUp && !_queue.TryAdd(connection))
        {
            metrics.QueueFull.Add(1);
            (connection.Claim.IsEnded ? ReleaseOmitted : ClaimOmitted)();
        }
    }

    /// <summary>Another node has claimed a device that was here with this epoch. Any thread.</summary>
    public void OnClaimedElsewhere(string deviceId, long epoch)
    {
        if (connections.Find(deviceId) is not { } connection)
        {
            return;
        }

        long held = Volatile.Read(in connection.Claim.Epoch);
        if (held == 0)
        {
            // The message may have overtaken the answer to the claim that it is about.
            Look(connection);
        }
        else if (held <= epoch)
        {
            metrics.Kicks.Add(1);
            Replace(connection);
        }
    }

    /// <summary>The loop. Ends after <see cref="Stop"/>.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            _queue.TakeAll(_taken);
            NoteUnanswered();
            if (!link.IsUp)
            {
                Drop();
                NoteUnanswered();
            }

            if (_taken.Count == 0 && _calls.Count == 0)
            {
                Task added = _queue.WaitAsync();
                if (_stopped)
                {
                    return;
                }

                await added;
                await Task.Delay(settings.BatchWait);
                continue;
            }

            while (_taken.Count > 0 && (_calls.Count == 0 || (_taken.Count >= settings.BatchSize && _calls.Count < settings.Window)))
            {
                Send();
            }

            if (_calls.TryDequeue(out ClaimCall? oldest))
            {
                await ReceiveAsync(oldest);
                NoteUnanswered();
            }
        }
    }

    /// <summary>Ends the loop when all that waits is sent and answered.</summary>
    public void Stop()
    {
        _stopped = true;
        _queue.Wake();
    }

    /// <summary>One call with the next of the taken connections. None, when nothing is to be said about them.</summary>
    private void Send()
    {
        NodeIdentity? node = link.Node;
        var call = new ClaimCall(settings.BatchSize);
        while (call.Requests.Count < settings.BatchSize && _taken.TryDequeue(out IClaimedConnection? connection))
        {
            if (Request(connection) is { } request)
            {
                connection.Claim.IsSent = true;
                call.Add(connection, request);
            }
        }

        if (node is null)
        {
            Forget(call);
        }
        else if (call.Requests.Count > 0)
        {
            call.SentAt = Stopwatch.GetTimestamp();
            call.Answer = engine.ClaimAsync(node, call.Requests);
            _calls.Enqueue(call);
        }

        NoteUnanswered();
    }

    private void NoteUnanswered()
    {
        int unanswered = _taken.Count;
        foreach (ClaimCall call in _calls)
        {
            unanswered += call.Requests.Count;
        }

        Volatile.Write(ref _unanswered, unanswered);
    }

    /// <summary>What the engine has to hear of a connection; null for nothing.</summary>
    private ClaimRequest? Request(IClaimedConnection connection)
    {
        ref DirectoryClaim claim = ref connection.Claim;
        claim.Unqueue();
        if (claim.IsSent)
        {
            claim.IsChanged = true;
            return null;
        }

        IClaimedConnection? registered = connections.Find(connection.DeviceId);
        return ReferenceEquals(registered, connection) ? new ClaimRequest(connection.DeviceId, claim.Epoch, clock.OfLocal(connection.OpenedMs))
            : registered is not null || !claim.IsEnded ? null
            : claim.IsUncertain ? new ClaimRequest(connection.DeviceId, ClaimRequest.ReleaseAny, 0)
            : claim.Epoch > 0 ? new ClaimRequest(connection.DeviceId, -claim.Epoch, 0)
            : null;
    }

    private async Task ReceiveAsync(ClaimCall call)
    {
        try
        {
            long[] epochs = await call.Answer;
            if (epochs.Length != call.Requests.Count)
            {
                throw new ClusterEngineException($"{epochs.Length} answers to {call.Requests.Count} claims");
            }

            metrics.Batch.Record(Stopwatch.GetElapsedTime(call.SentAt).TotalSeconds);
            link.Answered();
            for (int i = 0; i < epochs.Length; i++)
            {
                Apply(call.Connections[i], call.Requests[i], epochs[i]);
            }
        }
        catch (ClusterEngineException exception)
        {
            metrics.Count("failed", call.Requests.Count);
            link.Failed(exception.Message);
            Forget(call);
        }
    }

    private void Apply(IClaimedConnection connection, in ClaimRequest request, long epoch)
    {
        ref DirectoryClaim claim = ref connection.Claim;
        claim.IsSent = false;
        claim.IsUncertain = false;
        if (request.Epoch < 0)
        {
            Volatile.Write(ref claim.Epoch, 0);
            metrics.Count("released", 1);
        }
        else if (epoch == ClaimRequest.Stale)
        {
            metrics.Count("stale", 1);
            Replace(connection);
        }
        else
        {
            metrics.Count(request.Epoch == 0 ? "claimed" : "kept", 1);
            Volatile.Write(ref claim.Epoch, epoch);
        }

        if (claim.IsChanged)
        {
            claim.IsChanged = false;
            Look(connection);
        }
    }

    /// <summary>A newer connection of the device is on another node.</summary>
    private void Replace(IClaimedConnection connection)
    {
        if (connections.Remove(connection))
        {
            log.ReplacedElsewhere(connection.DeviceId);
            connection.OnReplaced();
        }
    }

    /// <summary>A call without an answer: its connections are looked at again, now or by the walk after the engine's return.</summary>
    private void Forget(ClaimCall call)
    {
        foreach (IClaimedConnection connection in call.Connections)
        {
            connection.Claim.IsSent = false;
            connection.Claim.IsChanged = false;
            connection.Claim.IsUncertain = true;
            Look(connection);
        }
    }

    private void Drop()
    {
        while (_taken.TryDequeue(out IClaimedConnection? connection))
        {
            connection.Claim.Unqueue();
        }
    }
}
