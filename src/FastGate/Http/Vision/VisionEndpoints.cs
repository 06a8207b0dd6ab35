using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FastGate.Http.Vision;

/// <summary>The path that devices with a camera send pictures to; the old server's.</summary>
internal static class VisionEndpoints
{
    public const string Path = "/mcp/vision/explain";

    public static void Map(IEndpointRouteBuilder routes, VisionService vision)
    {
        routes.MapMethods(Path, [HttpMethods.Get, HttpMethods.Head], WithCors(vision.GetAsync));
        routes.MapMethods(Path, [HttpMethods.Post], WithCors(vision.PostAsync));
        routes.MapMethods(Path, [HttpMethods.Options], WithCors(static context =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }));
    }

    private static RequestDelegate WithCors(RequestDelegate next) => context =>
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowMethods = "GET, POST, OPTIONS";
        headers.AccessControlAllowHeaders = "client-id, content-type, device-id, authorization";
        headers.CacheControl = "no-store";
        return next(context);
    };
}
