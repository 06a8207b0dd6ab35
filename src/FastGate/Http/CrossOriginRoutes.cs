using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FastGate.Http;

/// <summary>Routes of devices. A client in a browser calls them from other origins.</summary>
internal static class CrossOriginRoutes
{
    public static void MapCrossOrigin(this IEndpointRouteBuilder routes, string path, RequestDelegate get, RequestDelegate post)
    {
        routes.MapRequests(RequestRoutes.Reads, path, Allow(get));
        routes.MapRequests([HttpMethods.Post], path, Allow(post));
        routes.MapRequests([HttpMethods.Options], path, Allow(static context =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            context.Response.Headers.AccessControlMaxAge = "86400";
            return Task.CompletedTask;
        }));
    }

    private static RequestDelegate Allow(RequestDelegate next) => context =>
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowMethods = "GET, POST, OPTIONS";
        headers.AccessControlAllowHeaders = "client-id, content-type, device-id, authorization";
        return next(context);
    };
}
