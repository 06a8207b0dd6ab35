using FastGate.Diagnostics;
using FastGate.Flight;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Admin;

/// <summary>Maps the routes that show the gateway, and those of the classes beside this one.</summary>
internal static class AdminEndpoints
{
    public static void Map(
        AdminRoutes routes,
        IGatewayStatus gateway,
        IGatewayRestart restart,
        GatewayTelemetry telemetry,
        FlightRecorder handshakes,
        AuditLog audit,
        ILogger logger,
        TimeProvider time)
    {
        routes.Read(
            "/metrics",
            new AdminOperation("metrics", "All metrics as Prometheus text") { ContentType = "text/plain", Example = "/metrics" },
            Metrics(routes, telemetry));
        routes.Read(
            $"{AdminRoutes.Prefix}/status",
            new AdminOperation("status", "State of the gateway and its parts") { Answer = typeof(StatusReport), Example = "/api/v1/status" },
            context => AdminJson.ReplyAsync(context, gateway.Status(), AdminJson.Default.StatusReport));
        routes.Read(
            $"{AdminRoutes.Prefix}/llm",
            new AdminOperation("llm", "The language model of each purpose, and why") { Answer = typeof(LlmPage), Example = "/api/v1/llm" },
            context => AdminJson.ReplyAsync(context, new LlmPage(gateway.Llm()), AdminJson.Default.LlmPage));
        routes.Read(
            $"{AdminRoutes.Prefix}/speech",
            new AdminOperation("speech", "The providers of speech and their state") { Answer = typeof(FastGate.Speech.SpeechExplanation), Example = "/api/v1/speech" },
            context => AdminJson.ReplyAsync(context, gateway.Speech(), AdminJson.Default.SpeechExplanation));
        routes.Read(
            $"{AdminRoutes.Prefix}/tools",
            new AdminOperation("tools", "The operator's MCP servers and their tools") { Answer = typeof(ToolPage), Example = "/api/v1/tools" },
            context => AdminJson.ReplyAsync(context, new ToolPage(gateway.McpServers()), AdminJson.Default.ToolPage));
        routes.Read(
            $"{AdminRoutes.Prefix}/handshakes",
            new AdminOperation("handshakes", "The last handshakes that failed or used a fallback, newest first")
            {
                Answer = typeof(HandshakePage),
                Query = [AdminQuery.Paging[0]],
                Example = "/api/v1/handshakes?limit=20",
            },
            context => AdminJson.ReplyAsync(
                context, new HandshakePage(handshakes.Handshakes, handshakes.Newest(AdminQuery.Limit(context))), AdminJson.Default.HandshakePage));
        DeviceEndpoints.Map(routes, gateway);
        new RestartEndpoints(restart).Map(routes);
        new MemoryEndpoints(gateway, logger, time).Map(routes);
        AuditEndpoints.Map(routes, audit);
        OpenApiEndpoints.Map(routes);
        CallerEndpoints.Map(routes);
    }

    /// <summary>Always the plain text format: OpenMetrics, which Prometheus prefers, would add a <c>_created</c> series to every counter.</summary>
    private static RequestDelegate Metrics(AdminRoutes routes, GatewayTelemetry telemetry) => routes.CreateBranch()
        .Use(static (context, next) =>
        {
            context.Request.Headers.Accept = "text/plain";
            return next(context);
        })
        .UseOpenTelemetryPrometheusScrapingEndpoint(telemetry.Metrics, static _ => true, path: null, configureBranchedPipeline: null, optionsName: null)
        .Build();
}
