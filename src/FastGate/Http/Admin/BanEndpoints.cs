using System.Globalization;
using FastGate.Fleet;
using FastGate.Protocol.Identity;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>Bans of devices and addresses.</summary>
/// <param name="acts">Closes connections.</param>
/// <param name="fleet">Has the bans of this server.</param>
/// <param name="sharing">Null without a cluster.</param>
internal sealed class BanEndpoints(IFleetActs acts, FleetRecords fleet, IBanSharing? sharing = null)
{
    private const string Path = $"{AdminRoutes.Prefix}/bans";

    public void Map(AdminRoutes routes)
    {
        routes.Read(
            Path,
            new AdminOperation("bans", "The bans in force, oldest first") { Answer = typeof(BanPage), Query = AdminQuery.Paging, Example = Path },
            ListAsync);
        routes.Act(
            HttpMethods.Post,
            Path,
            new AdminOperation("ban", "Refuses a device or an address, and closes the connections that it has; an earlier ban of the same is replaced")
            {
                Body = typeof(BanBody),
                Answer = typeof(Banned),
                Status = StatusCodes.Status201Created,
                Errors = [StatusCodes.Status503ServiceUnavailable],
                Example = """{"address":"203.0.113.0/24","minutes":60,"reason":"flood of handshakes"}""",
            },
            BanAsync);
        routes.Act(
            HttpMethods.Delete,
            $"{Path}/{{id}}",
            new AdminOperation("unban", "Ends a ban")
            {
                Status = StatusCodes.Status204NoContent,
                Errors = [StatusCodes.Status404NotFound, StatusCodes.Status503ServiceUnavailable],
                Example = $"{Path}/1764305000000",
            },
            UnbanAsync);
    }

    private Task ListAsync(HttpContext context)
    {
        int limit = AdminQuery.Limit(context);
        BanReport[] bans = [.. fleet.Bans.After(AdminQuery.AfterNumber(context, "the id of a ban") ?? 0).Take(limit + 1).Select(Report)];
        bool more = bans.Length > limit;
        BanReport[] page = more ? bans[..limit] : bans;
        return AdminJson.ReplyAsync(
            context, new BanPage(fleet.Bans.Count, page, more ? page[^1].Id.ToString(CultureInfo.InvariantCulture) : null), AdminJson.Default.BanPage);
    }

    private Task<AdminAnswer> BanAsync(AdminAct act)
    {
        BanBody body = act.Read(AdminJson.Default.BanBody);
        TimeSpan? duration = ActInput.Duration(body.Minutes);
        string? reason = ActInput.Reason(body.Reason);
        string? device = null;
        AddressRange? range = null;
        switch (body)
        {
            case { Device: { } id, Address: null }:
                device = DeviceIdentity.Normalize(id) ?? throw AdminQuery.Wrong("device is the id of a device");
                break;
            case { Device: null, Address: { } address }:
                range = AddressRange.TryParse(address, out AddressRange parsed) ? parsed : throw AdminQuery.Wrong("address is an IP address or a network such as 10.0.0.0/8");
                break;
            default:
                throw AdminQuery.Wrong("either device or address is needed");
        }

        act.Target = device ?? range.ToString();
        return FleetStoreAnswer.OfAsync(() => fleet.Bans.Add(device, range, duration, reason) is { } ban
            ? Added(ban)
            : AdminAnswer.Problem(StatusCodes.Status503ServiceUnavailable, $"there are {BanList.Capacity} bans; end some first"));
    }

    private AdminAnswer Added(Ban ban)
    {
        sharing?.Added();
        return AdminAnswer.Of(new Banned(ban.Id, acts.CloseBanned(), fleet.IsDurable), AdminJson.Default.Banned, StatusCodes.Status201Created);
    }

    private async Task<AdminAnswer> UnbanAsync(AdminAct act)
    {
        act.Target = (string?)act.Context.Request.RouteValues["id"];
        if (!long.TryParse(act.Target, NumberStyles.None, CultureInfo.InvariantCulture, out long id))
        {
            throw NoSuchBan();
        }

        if (sharing is not null && (fleet.Bans.After(id - 1).FirstOrDefault(other => other.Id == id) ?? throw NoSuchBan()) is { IsAutomatic: false } ban)
        {
            await sharing.EndAsync(ban);
        }

        // With a cluster the end may have come back from it already.
        return await FleetStoreAnswer.OfAsync(() => fleet.Bans.Remove(id) is null && sharing is null ? throw NoSuchBan() : AdminAnswer.Done);
    }

    private static AdminProblemException NoSuchBan() => new(StatusCodes.Status404NotFound, "there is no such ban");

    private static BanReport Report(Ban ban) => new(ban.Id, ban.Device, ban.Range?.ToString(), ban.At, ban.Until, ban.Reason);
}
