using System.Globalization;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Protocol.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Admin;

/// <summary>The routes of the admin listener.</summary>
internal static class AdminEndpoints
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;

    public static void Map(
        IEndpointRouteBuilder routes,
        IGatewayStatus gateway,
        IGatewayRestart restart,
        GatewayTelemetry telemetry,
        HandshakeRecorder handshakes,
        ILogger logger,
        TimeProvider time)
    {
        routes.Map("/", AdminPage.AnswerAsync);
        Get(routes, "/metrics", Metrics(routes, telemetry));
        Get(routes, "/api/v1/status", context =>
            AdminJson.ReplyAsync(context, gateway.Status(), AdminJson.Default.StatusReport));
        Get(routes, "/api/v1/llm", context =>
            AdminJson.ReplyAsync(context, new LlmPage(gateway.Llm()), AdminJson.Default.LlmPage));
        Get(routes, "/api/v1/speech", context =>
            AdminJson.ReplyAsync(context, gateway.Speech(), AdminJson.Default.SpeechExplanation));
        Get(routes, "/api/v1/tools", context =>
            AdminJson.ReplyAsync(context, new ToolPage(gateway.McpServers()), AdminJson.Default.ToolPage));
        Get(routes, "/api/v1/devices", context => DevicesAsync(context, gateway));
        Get(routes, "/api/v1/devices/{id}", context => DeviceAsync(context, gateway));
        Get(routes, "/api/v1/handshakes", context => HandshakesAsync(context, handshakes));

        var restarts = new RestartEndpoints(restart);
        Get(routes, "/api/v1/restart", restarts.ReportAsync);
        routes.MapMethods("/api/v1/restart", [HttpMethods.Post], restarts.BeginAsync);

        var memory = new MemoryEndpoints(gateway, logger, time);
        Get(routes, "/api/v1/devices/{id}/memory", memory.ExportAsync);
        routes.MapMethods("/api/v1/devices/{id}/memory", [HttpMethods.Delete], memory.EraseAsync);
    }

    /// <summary>Returns null after it has sent an error response.</summary>
    public static async Task<int?> ReadLimitAsync(HttpContext context)
    {
        string? text = context.Request.Query["limit"];
        if (string.IsNullOrEmpty(text))
        {
            return DefaultLimit;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit is > 0 and <= MaxLimit)
        {
            return limit;
        }

        await AdminJson.ErrorAsync(context, StatusCodes.Status400BadRequest, $"limit is a whole number from 1 to {MaxLimit}");
        return null;
    }

    /// <summary>The id in the form that the registry uses. Routing does not decode a slash, and an id may contain one.</summary>
    public static string DeviceId(HttpContext context)
    {
        string id = ((string?)context.Request.RouteValues["id"] ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return DeviceIdentity.Normalize(id) ?? id;
    }

    private static void Get(IEndpointRouteBuilder routes, string path, RequestDelegate answer) =>
        routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], answer);

    /// <summary>Always the plain text format: OpenMetrics, which Prometheus prefers, would add a <c>_created</c> series to every counter.</summary>
    private static RequestDelegate Metrics(IEndpointRouteBuilder routes, GatewayTelemetry telemetry) => routes.CreateApplicationBuilder()
        .Use(static (context, next) =>
        {
            context.Request.Headers.Accept = "text/plain";
            AdminJson.SetHeaders(context.Response.Headers);
            return next(context);
        })
        .UseOpenTelemetryPrometheusScrapingEndpoint(telemetry.Metrics, static _ => true, path: null, configureBranchedPipeline: null, optionsName: null)
        .Build();

    private static async Task DevicesAsync(HttpContext context, IGatewayStatus gateway)
    {
        if (await ReadLimitAsync(context) is not int limit)
        {
            return;
        }

        string? after = context.Request.Query["after"];
        List<string> ids = DevicePaging.Next(gateway.DeviceIds, after, limit, out bool more);
        var page = new DevicePage(
            gateway.DeviceCount, [.. ids.Select(gateway.Device).OfType<DeviceReport>()], more ? ids[^1] : null);
        await AdminJson.ReplyAsync(context, page, AdminJson.Default.DevicePage);
    }

    private static Task DeviceAsync(HttpContext context, IGatewayStatus gateway) =>
        gateway.Device(DeviceId(context)) is DeviceReport device
            ? AdminJson.ReplyAsync(context, device, AdminJson.Default.DeviceReport)
            : AdminJson.ErrorAsync(context, StatusCodes.Status404NotFound, "no such device is connected");

    private static async Task HandshakesAsync(HttpContext context, HandshakeRecorder handshakes)
    {
        if (await ReadLimitAsync(context) is int limit)
        {
            var page = new HandshakePage(handshakes.Total, handshakes.Newest(limit));
            await AdminJson.ReplyAsync(context, page, AdminJson.Default.HandshakePage);
        }
    }
}
