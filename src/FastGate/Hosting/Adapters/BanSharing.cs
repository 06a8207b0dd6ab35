using FastGate.Cluster;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Http.Admin;
using FastGate.Memory;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting.Adapters;

/// <summary>Between the bans of this server and those that all nodes share.</summary>
internal sealed class BanSharing : IBanSharing
{
    private readonly SharedBans _shared;
    private readonly BanList _bans;
    private readonly IFleetActs _acts;
    private readonly ILogger _log;
    private readonly TimeProvider _time;

    /// <summary>Before the start of the cluster.</summary>
    public BanSharing(SharedBans shared, BanList bans, IFleetActs acts, ILogger log, TimeProvider time)
    {
        (_shared, _bans, _acts, _log, _time) = (shared, bans, acts, log, time);
        shared.Merge = Merge;
    }

    public void Added() => _shared.Look();

    public async Task EndAsync(Ban ban)
    {
        if (_shared.Unavailable is { } reason)
        {
            throw Unavailable(reason);
        }

        try
        {
            await _shared.PutAsync(Of(ban) with { Id = _bans.EndId(ban), AtMs = _time.GetUtcNow().ToUnixTimeMilliseconds(), IsEnd = true });
        }
        catch (ClusterEngineException exception)
        {
            throw Unavailable(exception.Message);
        }
    }

    private static AdminProblemException Unavailable(string reason) =>
        new(StatusCodes.Status503ServiceUnavailable, $"a ban ends on all nodes, and they are not reached ({reason}); try again later");

    private static SharedBan Of(Ban ban) => new(
        ban.Id, ban.Device, ban.Range?.ToString(), ban.At.ToUnixTimeMilliseconds(), ban.Until?.ToUnixTimeMilliseconds(), ban.Reason, IsEnd: false);

    private static Ban? Of(SharedBan ban)
    {
        AddressRange? range = ban.Address is { } address && AddressRange.TryParse(address, out AddressRange parsed) ? parsed : null;
        return ban.Device is null == range is null
            ? null
            : new Ban(
                ban.Id,
                ban.Device,
                range,
                DateTimeOffset.FromUnixTimeMilliseconds(ban.AtMs),
                ban.UntilMs is { } until ? DateTimeOffset.FromUnixTimeMilliseconds(until) : null,
                ban.Reason);
    }

    private IReadOnlyList<SharedBan> Merge(IReadOnlyList<SharedBan> shared)
    {
        List<(Ban, bool)> entries = new(shared.Count);
        foreach (SharedBan entry in shared)
        {
            if (Of(entry) is { } ban)
            {
                entries.Add((ban, entry.IsEnd));
            }
        }

        try
        {
            int changed = _bans.Merge(entries, out IReadOnlyList<Ban> missing);
            if (changed > 0)
            {
                _log.BansTakenOver(changed, _acts.CloseBanned());
            }

            return [.. missing.Select(static ban => Of(ban))];
        }
        catch (MemoryStoreException exception)
        {
            _acts.CloseBanned();
            _log.BansNotKept(exception.Message);
            return [];
        }
    }
}
