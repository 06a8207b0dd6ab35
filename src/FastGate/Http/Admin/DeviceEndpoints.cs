using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>The connected devices of this node or of the cluster, in pages and one by one.</summary>
internal static class DeviceEndpoints
{
    /// <summary>All nodes send so many at the most to the one that makes the page.</summary>
    public const int MostOfEachNode = 200;

    private const string Path = $"{AdminRoutes.Prefix}/devices";

    public static void Map(AdminRoutes routes, IGatewayStatus gateway)
    {
        routes.ReadOnAll(
            Path,
            new AdminOperation("devices", "The connected devices that match the filter, in the order of their ids")
            {
                Answer = typeof(DevicePage),
                Query = [.. AdminQuery.Paging, .. DeviceFilter.Query, ("cluster", "true for the devices of all nodes, at most 200 on a page")],
                Example = "/api/v1/devices?limit=50&prefix=aa:bb",
            },
            act => Task.FromResult(List(act.Context, gateway, routes.Node)),
            Combine,
            static act => IsOfAllNodes(act.Context));
        routes.ReadAtHolder(
            $"{Path}/{{id}}",
            new AdminOperation("device", "One device: its connection, firmware and board, tags, last turns and last ends")
            {
                Answer = typeof(DeviceReport),
                Errors = [StatusCodes.Status404NotFound, StatusCodes.Status503ServiceUnavailable],
                Example = "/api/v1/devices/aa:bb:cc:dd:ee:ff",
            },
            act => Task.FromResult(Show(act.DeviceId(), gateway, routes.Node)));
    }

    private static AdminAnswer List(HttpContext context, IGatewayStatus gateway, string? node)
    {
        string? after = context.Request.Query["after"];
        List<string> ids = DevicePaging.Next(gateway.Select(DeviceFilter.From(context)), after, Limit(context), out int total, out bool more);
        DeviceReport[] devices = [.. ids.Select(gateway.Device).OfType<DeviceReport>().Select(device => device with { Node = node })];
        return AdminAnswer.Of(new DevicePage(total, devices, more ? ids[^1] : null), AdminJson.Default.DevicePage);
    }

    /// <summary>
    /// The first devices of all nodes after the last page. The order is that of the ids, not of the nodes, so that a device that changes its node between
    /// two pages is on exactly one.
    /// </summary>
    private static AdminAnswer Combine(AdminAct act, IReadOnlyList<AdminAnswer> answers, IReadOnlyList<string> problems)
    {
        DevicePage[] pages = [.. answers.Select(static answer => JsonSerializer.Deserialize(answer.Body.Span, AdminJson.Default.DevicePage)!)];

        // A page that is full says nothing about the ids after its last one.
        string? end = pages.Select(static page => page.Next).OfType<string>().Min(StringComparer.Ordinal);
        DeviceReport[] known =
        [
            .. pages.SelectMany(static page => page.Devices)
                .Where(device => end is null || string.CompareOrdinal(device.DeviceId, end) <= 0)
                .OrderByDescending(static device => device.ConnectedAt)
                .DistinctBy(static device => device.DeviceId)
                .OrderBy(static device => device.DeviceId, StringComparer.Ordinal),
        ];
        DeviceReport[] shown = known[..Math.Min(Limit(act.Context), known.Length)];
        var report = new DevicePage(pages.Sum(static page => page.Total), shown, shown.Length < known.Length ? shown[^1].DeviceId : end)
        {
            Problems = problems.Count == 0 ? null : problems,
        };
        return AdminAnswer.Of(report, AdminJson.Default.DevicePage);
    }

    private static AdminAnswer Show(string deviceId, IGatewayStatus gateway, string? node) => gateway.DevicePage(deviceId) is { } device
        ? AdminAnswer.Of(device.Connected ? device with { Node = node } : device, AdminJson.Default.DeviceReport)
        : throw new AdminProblemException(StatusCodes.Status404NotFound, "nothing is known about such a device");

    private static int Limit(HttpContext context) => Math.Min(AdminQuery.Limit(context), IsOfAllNodes(context) ? MostOfEachNode : AdminQuery.MaxLimit);

    private static bool IsOfAllNodes(HttpContext context) => (string?)context.Request.Query["cluster"] switch
    {
        null or "" or "false" => false,
        "true" => true,
        _ => throw AdminQuery.Wrong("cluster is true or false"),
    };
}
