using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>The connected devices, in pages and one by one.</summary>
internal static class DeviceEndpoints
{
    private const string Path = $"{AdminRoutes.Prefix}/devices";

    public static void Map(AdminRoutes routes, IGatewayStatus gateway)
    {
        routes.Read(
            Path,
            new AdminOperation("devices", "The connected devices that match the filter, in the order of their ids")
            {
                Answer = typeof(DevicePage),
                Query = [.. AdminQuery.Paging, .. DeviceFilter.Query],
                Example = "/api/v1/devices?limit=50&prefix=aa:bb",
            },
            context => ListAsync(context, gateway));
        routes.Read(
            $"{Path}/{{id}}",
            new AdminOperation("device", "One device: its connection, firmware and board, tags, last turns and last ends")
            {
                Answer = typeof(DeviceReport),
                Errors = [StatusCodes.Status404NotFound],
                Example = "/api/v1/devices/aa:bb:cc:dd:ee:ff",
            },
            context => ShowAsync(context, gateway));
    }

    private static Task ListAsync(HttpContext context, IGatewayStatus gateway)
    {
        int limit = AdminQuery.Limit(context);
        string? after = context.Request.Query["after"];
        List<string> ids = DevicePaging.Next(gateway.Select(DeviceFilter.From(context)), after, limit, out int total, out bool more);
        var page = new DevicePage(total, [.. ids.Select(gateway.Device).OfType<DeviceReport>()], more ? ids[^1] : null);
        return AdminJson.ReplyAsync(context, page, AdminJson.Default.DevicePage);
    }

    private static Task ShowAsync(HttpContext context, IGatewayStatus gateway) =>
        gateway.DevicePage(AdminQuery.DeviceId(context)) is DeviceReport device
            ? AdminJson.ReplyAsync(context, device, AdminJson.Default.DeviceReport)
            : throw new AdminProblemException(StatusCodes.Status404NotFound, "nothing is known about such a device");
}
