using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Server;

/// <summary>
/// Refuses plain requests where TLS is required, as the device port does. Health probes are served: orchestrators make them by address, for which a
/// certificate has no name, and the answers are no secret.
/// </summary>
internal static class RequiredTls
{
    public static RequestDelegate Wrap(RequestDelegate next) => context => Refuses(context.Request) ? RefuseAsync(context.Response) : next(context);

    public static bool Refuses(HttpRequest request) => !request.IsHttps && !request.Path.StartsWithSegments("/health", StringComparison.Ordinal);

    private static Task RefuseAsync(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status403Forbidden;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync("TLS is required: use https:// instead of http://\n");
    }
}
