using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Cluster;

/// <summary>
/// Keeps the list of bans of this node equal to that in the engine: after each change, when the engine returns, and once in a while, because a message may
/// be lost. An engine that has lost the list gets it again from the nodes. One loop; handshakes use the list of the node.
/// </summary>
internal sealed class SharedBans : IDisposable
{
    /// <summary>How long the end of a ban is kept for nodes that are away.</summary>
    private static readonly TimeSpan s_endsKept = TimeSpan.FromDays(30);

    private readonly IClusterEngine _engine;
    private readonly EngineLink _link;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly SharedListLoop _loop;

    public SharedBans(IClusterEngine engine, ClusterMessages messages, EngineLink link, ClusterSettings settings, ILogger log, TimeProvider time)
    {
        (_engine, _link, _log, _time) = (engine, link, log, time);
        _loop = new SharedListLoop(engine, messages, link, settings, SharedBan.ChangedKind, CompareAsync);
    }

    /// <summary>Takes over what the engine has, and returns what it does not have or has older. Called by the loop. Set before the start.</summary>
    public Func<IReadOnlyList<SharedBan>, IReadOnlyList<SharedBan>> Merge { get; set; } = static _ => [];

    /// <summary>Why the list cannot be shared; null while it can.</summary>
    public string? Unavailable => _link.Reason;

    /// <summary>One of the two lists may have changed. Any thread.</summary>
    public void Look() => _loop.Look();

    /// <summary>Adds an entry to the list of the engine. Throws <see cref="ClusterEngineException"/>.</summary>
    public async Task PutAsync(SharedBan ban)
    {
        await _engine.PutBansAsync([ban], []);
        Look();
        await NotifyAsync();
    }

    public Task RunAsync(CancellationToken stop) => _loop.RunAsync(stop);

    public void Dispose() => _loop.Dispose();

    private async Task CompareAsync()
    {
        try
        {
            IReadOnlyList<SharedBan> shared = await _engine.BansAsync();
            IReadOnlyList<SharedBan> missing = Merge(shared);
            long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            SharedBan[] old = [.. shared.Where(ban => IsOld(ban, now))];
            if (missing.Count + old.Length > 0)
            {
                await _engine.PutBansAsync(missing, old);
            }

            if (missing.Count > 0)
            {
                await NotifyAsync();
            }
        }
        catch (ClusterEngineException exception)
        {
            _log.BansNotShared(exception.Message);
        }
    }

    /// <summary>No node needs it any more, unless it was away for that long.</summary>
    private static bool IsOld(SharedBan ban, long nowMs) => (ban.IsEnd ? ban.AtMs : ban.UntilMs) + (long)s_endsKept.TotalMilliseconds < nowMs;

    private async Task NotifyAsync()
    {
        try
        {
            await _loop.NotifyAsync();
        }
        catch (ClusterEngineException exception)
        {
            _log.BansNotShared(exception.Message);
        }
    }
}
