using FastGate.Http.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FastGate.Http.Health;

/// <summary>The liveness and readiness probes: whether to restart the process, and whether to send new devices here.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, Func<ReadinessReport> readiness)
    {
        routes.MapRequests(RequestRoutes.Reads, "/health/live", static context =>
            ReplyAsync(context, StatusCodes.Status200OK, new HealthReply("live")));
        routes.MapRequests(RequestRoutes.Reads, "/health/ready", context =>
        {
            ReadinessReport report = readiness();
            return ReplyAsync(
                context,
                report.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
                new HealthReply(report.Ready ? "ready" : "not ready", report.Reasons));
        });
    }

    private static Task ReplyAsync(HttpContext context, int status, HealthReply reply) =>
        JsonReply.WriteAsync(context, status, reply, HealthJson.Default.HealthReply);
}
