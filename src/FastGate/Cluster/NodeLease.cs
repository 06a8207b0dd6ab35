using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Cluster;

/// <summary>
/// Keeps the lease of this node: what the node holds counts only while it has one. Also the probe that finds out that the engine is back. One loop.
/// </summary>
internal sealed class NodeLease(
    IClusterEngine engine,
    EngineLink link,
    EngineClock clock,
    ClusterSettings settings,
    Func<long> nowMs,
    TimeProvider time,
    ILogger log) : IDisposable
{
    private readonly SemaphoreSlim _early = new(0, 1);

    /// <summary>Completed by the renewal that begins next.</summary>
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NodeIdentity _node = new("", 0);
    private string _engineRun = "";
    private bool _isSubscribed;
    private bool _isTaken;
    private bool _hasLease;
    private volatile bool _isRestored;
    private volatile bool _forgets;
    private long _renewedAt;

    /// <summary>Called after the engine may have lost claims.</summary>
    public Action Reconcile { get; set; } = static () => { };

    /// <summary>Called once before the first claim.</summary>
    public Func<string, Task> SubscribeAsync { get; set; } = static _ => Task.CompletedTask;

    /// <summary>What other nodes may know of this one, as JSON.</summary>
    public Func<string> Load { get; set; } = static () => "{}";

    /// <summary>Of this process. Any thread.</summary>
    public NodeIdentity Node => Volatile.Read(ref _node);

    /// <summary>Since the last renewal; null before the first.</summary>
    public TimeSpan? Age => Volatile.Read(ref _renewedAt) is not 0 and long at ? time.GetElapsedTime(at) : null;

    /// <param name="name">Of this node.</param>
    /// <param name="incarnation">Of the program that this one has replaced; 0 for none.</param>
    /// <param name="stop">Ends the loop.</param>
    public async Task RunAsync(string name, long incarnation, CancellationToken stop)
    {
        Volatile.Write(ref _node, new NodeIdentity(name, incarnation));
        engine.Restored += OnRestored;
        while (!stop.IsCancellationRequested)
        {
            TaskCompletionSource waiting = Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            bool isRenewed = await RenewAsync();
            waiting.SetResult();
            TimeSpan wait = isRenewed ? settings.Heartbeat : settings.Probe * (0.75 + (Random.Shared.NextDouble() / 2));
            try
            {
                await _early.WaitAsync(wait, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>What this node has claimed so far is void from the next renewal on, and is claimed again: a release was omitted. Any thread.</summary>
    public void Forget() => _forgets = true;

    /// <summary>What this node holds is free at once.</summary>
    public async Task LeaveAsync()
    {
        try
        {
            await engine.LeaveAsync(_node);
        }
        catch (ClusterEngineException)
        {
            // The lease expires.
        }
    }

    public void Dispose()
    {
        engine.Restored -= OnRestored;
        _early.Dispose();
    }

    /// <summary>What this node says of itself has changed: it is renewed now. Any thread.</summary>
    public void RenewEarly()
    {
        try
        {
            _early.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already woken.
        }
        catch (ObjectDisposedException)
        {
            // The node has left.
        }
    }

    /// <summary>The same, and completes after it: then the other nodes can see it, unless the engine has not answered. Any thread.</summary>
    public Task RenewNowAsync()
    {
        Task next = Volatile.Read(ref _next).Task;
        RenewEarly();
        return next;
    }

    private void OnRestored()
    {
        _isRestored = true;
        RenewEarly();
    }

    private async Task<bool> RenewAsync()
    {
        bool forgets = false;
        try
        {
            await engine.ConnectAsync();
            bool isRestored = _isRestored;
            _isRestored = false;

            int downs = link.Downs;

            // Releases of an outage were not sent, so the claims before it must not count.
            forgets = _forgets || (_hasLease && !_isTaken && !link.IsUp);
            _forgets = false;
            long sent = nowMs();
            LeaseAnswer answer = await engine.RenewAsync(forgets ? _node with { Incarnation = 0 } : _node, Load());
            long answered = nowMs();
            if (answer.Result == LeaseResult.NewerSchema)
            {
                link.Down(SchemaText(answer.Incarnation));
                return false;
            }

            _isTaken = answer.Result == LeaseResult.Taken;
            if (_isTaken)
            {
                link.Down($"another process is the node {_node.Name} (Cluster:Node)");
                return false;
            }

            link.Answered();
            clock.Add(sent, answered, answer.EngineMs);
            Volatile.Write(ref _renewedAt, time.GetTimestamp());
            if (!_isSubscribed)
            {
                await SubscribeAsync(_node.Name);
                _isSubscribed = true;
            }

            bool mayHaveLost = !link.IsUp || isRestored || answer.Result == LeaseResult.New || answer.EngineRun != _engineRun;
            _engineRun = answer.EngineRun;
            _hasLease = true;
            Volatile.Write(ref _node, _node with { Incarnation = answer.Incarnation });
            if (!link.Up(_node, downs))
            {
                _forgets = true;
                return false;
            }

            if (mayHaveLost)
            {
                Reconcile();
            }

            return true;
        }
        catch (ClusterEngineException exception)
        {
            _forgets |= forgets;
            log.LeaseNotRenewed(exception.Message);
            link.Failed(exception.Message);
            return false;
        }
    }

    /// <summary>Why a node does not use keys of a newer schema.</summary>
    public static string SchemaText(long schema) =>
        FormattableString.Invariant($"the keys in Redis have schema {schema}, this version knows up to {ClusterSettings.Schema}: update this node, or set another Cluster:Prefix");
}
