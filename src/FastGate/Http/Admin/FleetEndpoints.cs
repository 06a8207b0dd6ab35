using System.Text.Json;
using FastGate.Fleet;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>Acts on one device or on those that match a filter: kick, message, tags.</summary>
/// <param name="acts">Acts on connected devices.</param>
/// <param name="fleet">Has the tags of this server.</param>
/// <param name="sharing">Null without a cluster.</param>
internal sealed class FleetEndpoints(IFleetActs acts, FleetRecords fleet, ITagSharing? sharing = null)
{
    private const string Device = $"{AdminRoutes.Prefix}/devices/{{id}}";

    public void Map(AdminRoutes routes)
    {
        routes.ActOnHolder(
            HttpMethods.Post,
            $"{Device}/kick",
            new AdminOperation("device.kick", "Closes the connection of a device; it may connect again")
            {
                Body = typeof(KickBody),
                Answer = typeof(DeviceActed),
                Errors = [StatusCodes.Status404NotFound],
                Example = """{"reason":"moved to another gateway"}""",
            },
            KickAsync);
        routes.ActOnAll(
            HttpMethods.Post,
            $"{AdminRoutes.Prefix}/kick",
            new AdminOperation("kick", "Closes the connections that match, so many a second on each node")
            {
                Body = typeof(KickManyBody),
                Answer = typeof(DevicesMatched),
                Status = StatusCodes.Status202Accepted,
                Errors = [StatusCodes.Status503ServiceUnavailable],
                Example = """{"filter":{"firmware":"1.5.0"},"rate":100}""",
            },
            KickManyAsync,
            Sum);
        routes.ActOnHolder(
            HttpMethods.Post,
            $"{Device}/message",
            new AdminOperation("device.message", "Shows a text on a device, or speaks it after the present turn")
            {
                Body = typeof(MessageBody),
                Answer = typeof(DeviceActed),
                Status = StatusCodes.Status202Accepted,
                Errors = [StatusCodes.Status404NotFound],
                Example = """{"kind":"speak","text":"The shop closes in ten minutes."}""",
            },
            MessageAsync);
        routes.ActOnAll(
            HttpMethods.Post,
            $"{AdminRoutes.Prefix}/message",
            new AdminOperation("message", "Shows or speaks a text on the devices that match, so many a second on each node")
            {
                Body = typeof(MessageManyBody),
                Answer = typeof(DevicesMatched),
                Status = StatusCodes.Status202Accepted,
                Errors = [StatusCodes.Status503ServiceUnavailable],
                Example = """{"filter":{"tag":"hall"},"kind":"system","text":"Maintenance at 22:00","rate":200}""",
            },
            MessageManyAsync,
            Sum);
        routes.Act(
            HttpMethods.Put,
            $"{Device}/tags",
            new AdminOperation("device.tags", "Replaces the tags of a device, which need not be connected")
            {
                Body = typeof(TagsBody),
                Answer = typeof(DeviceTagged),
                Errors = [StatusCodes.Status503ServiceUnavailable],
                Example = """{"tags":["hall","beta"]}""",
            },
            TagAsync);
    }

    private Task<AdminAnswer> KickAsync(AdminAct act)
    {
        string? reason = act.HasBody ? ActInput.Reason(act.Read(AdminJson.Default.KickBody).Reason) : null;
        string id = act.DeviceId();
        return acts.Kick(id, reason) ? Acted(id) : throw ActInput.NotConnected();
    }

    private Task<AdminAnswer> KickManyAsync(AdminAct act)
    {
        KickManyBody body = act.Read(AdminJson.Default.KickManyBody);
        DeviceFilter filter = ActInput.Filter(act, body.Filter);
        return Matched(acts.Kick(filter, ActInput.Rate(body.Rate), ActInput.Reason(body.Reason)));
    }

    private Task<AdminAnswer> MessageAsync(AdminAct act)
    {
        MessageBody body = act.Read(AdminJson.Default.MessageBody);
        string id = act.DeviceId();
        return acts.Send(id, ActInput.Kind(body.Kind), ActInput.Text(body.Text))
            ? Acted(id, StatusCodes.Status202Accepted)
            : throw ActInput.NotConnected();
    }

    private Task<AdminAnswer> MessageManyAsync(AdminAct act)
    {
        MessageManyBody body = act.Read(AdminJson.Default.MessageManyBody);
        DeviceFilter filter = ActInput.Filter(act, body.Filter);
        return Matched(acts.Send(filter, ActInput.Rate(body.Rate), ActInput.Kind(body.Kind), ActInput.Text(body.Text)));
    }

    private async Task<AdminAnswer> TagAsync(AdminAct act)
    {
        string[] tags = [.. (act.Read(AdminJson.Default.TagsBody).Tags ?? throw AdminQuery.Wrong("tags is missing")).Distinct(StringComparer.Ordinal)];
        if (tags.Length > DeviceTags.MaxTags || !tags.All(static tag => tag is not null && DeviceTags.IsTag(tag)))
        {
            throw AdminQuery.Wrong($"tags are at most {DeviceTags.MaxTags} texts of 1 to {DeviceTags.MaxTag} letters, digits, - _ . and :");
        }

        string id = act.DeviceId();
        var tagged = new DeviceTagged(id, tags, fleet.IsDurable);
        AdminAnswer answer = await FleetStoreAnswer.OfAsync(() => fleet.Tags.Set(id, tags)
            ? AdminAnswer.Of(tagged, AdminJson.Default.DeviceTagged)
            : AdminAnswer.Problem(StatusCodes.Status503ServiceUnavailable, $"{DeviceTags.Capacity} devices have tags; remove some first"));
        return answer.Status == StatusCodes.Status200OK && sharing is not null && await sharing.ReplacedAsync(id, tags) is { } problem
            ? AdminAnswer.Of(tagged with { Problems = [problem] }, AdminJson.Default.DeviceTagged)
            : answer;
    }

    private static Task<AdminAnswer> Acted(string id, int status = StatusCodes.Status200OK) =>
        Task.FromResult(AdminAnswer.Of(new DeviceActed(id), AdminJson.Default.DeviceActed, status));

    private static Task<AdminAnswer> Matched(int matched) => Task.FromResult(Matched(new DevicesMatched(matched)));

    private static AdminAnswer Matched(DevicesMatched matched) => AdminAnswer.Of(matched, AdminJson.Default.DevicesMatched, StatusCodes.Status202Accepted);

    /// <summary>Of all nodes.</summary>
    private static AdminAnswer Sum(IReadOnlyList<AdminAnswer> answers, IReadOnlyList<string> problems) => Matched(new DevicesMatched(
        answers.Sum(static answer => JsonSerializer.Deserialize(answer.Body.Span, AdminJson.Default.DevicesMatched)!.Matched))
    {
        Problems = problems.Count == 0 ? null : problems,
    });
}
