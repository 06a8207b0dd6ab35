using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FastGate.Http.Ota;

/// <summary>The OTA path, with and without the final slash. Browser clients call it from other origins.</summary>
internal static class OtaEndpoints
{
    public const string Path = "/xiaozhi/ota/";

    public static void Map(IEndpointRouteBuilder routes, OtaService ota)
    {
        routes.MapMethods(Path, [HttpMethods.Get, HttpMethods.Head], WithCors(ota.GetAsync));
        routes.Map("/", ota.StartPageAsync);
        routes.MapMethods(Path, [HttpMethods.Post], WithCors(ota.PostAsync));
        routes.MapMethods(Path, [HttpMethods.Options], WithCors(static context =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            context.Response.Headers.AccessControlMaxAge = "86400";
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
