using System.Globalization;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Protocol.Identity;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>The records of connections that failed or ended, and their explanation.</summary>
internal sealed class FlightEndpoints(FlightRecorder recorder, Explainer explainer)
{
    private const string Explain = $"{AdminRoutes.Prefix}/explain";
    private const string Records = $"{AdminRoutes.Prefix}/records";

    public void Map(AdminRoutes routes)
    {
        routes.ReadOnAll(
            Explain,
            new AdminOperation("explain", "Why a device or an address does not connect or does not stay connected, and what to change")
            {
                Answer = typeof(Explanation),
                Query = [("device", "Id of a device, in any spelling"), ("address", "IP address of a client, or a network such as 192.0.2.0/24")],
                Example = $"{Explain}?device=aa:bb:cc:dd:ee:ff",
            },
            act => Task.FromResult(AdminAnswer.Of(ExplanationOf(act.Context, routes.Node), AdminJson.Default.Explanation)),
            static (_, answers, problems) => NodeExplanations.Combine(answers, problems));
        routes.Read(
            Records,
            new AdminOperation("records", "Connections that failed, needed a fallback, or ended, newest first")
            {
                Answer = typeof(RecordPage),
                Query = [.. AdminQuery.Paging, ("reason", "Reason or end reason of the records"), ("device", "Id of a device"), ("address", "IP address of a client, or a network such as 192.0.2.0/24")],
                Example = $"{Records}?reason=token_expired&limit=20",
            },
            ListAsync);
    }

    private Explanation ExplanationOf(HttpContext context, string? node)
    {
        Explanation explanation = (Text(context, "device"), Addresses(context)) switch
        {
            ({ } device, null) => explainer.OfDevice(device),
            (null, { } addresses) => explainer.OfAddresses(addresses),
            _ => throw AdminQuery.Wrong("either device or address is needed"),
        };
        return explanation.Verdict == Verdict.NeverSeen.Tag() ? explanation : explanation with { Node = node };
    }

    private Task ListAsync(HttpContext context)
    {
        int limit = AdminQuery.Limit(context);
        long before = AdminQuery.AfterNumber(context, "the number of a record") ?? long.MaxValue;
        string? reason = Text(context, "reason");
        string? device = Text(context, "device") is { } text ? DeviceIdentity.Normalize(text) ?? text : null;
        AddressRange? addresses = Addresses(context);
        IReadOnlyList<ConnectionRecord> records = recorder.Newest(limit + 1, record =>
            record.Number < before
            && (reason is null || record.Reason == reason || record.EndReason == reason)
            && (device is null || record.DeviceId == device)
            && (addresses is null || record.IsOf(addresses.Value)));
        bool more = records.Count > limit;
        ConnectionRecord[] page = [.. records.Take(limit)];
        return AdminJson.ReplyAsync(
            context,
            new RecordPage(recorder.Total, page, more ? page[^1].Number.ToString(CultureInfo.InvariantCulture) : null),
            AdminJson.Default.RecordPage);
    }

    private static string? Text(HttpContext context, string name) => context.Request.Query[name] is [{ Length: > 0 } text] ? text : null;

    private static AddressRange? Addresses(HttpContext context) => Text(context, "address") is not { } text
        ? null
        : AdminQuery.Addresses(text) ?? throw AdminQuery.Wrong("address is an IP address, or a network such as 192.0.2.0/24");
}
