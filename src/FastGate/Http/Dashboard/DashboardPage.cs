using FastGate.Http.Pages;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FastGate.Http.Dashboard;

/// <summary>
/// The dashboard: one page and its scripts, which use the admin API like every other client. The files contain no secret; the scripts ask the reader
/// for the token. Clients other than browsers get a 404 for <c>/</c> as before.
/// </summary>
internal static class DashboardPage
{
    /// <summary>Folder of the scripts and styles.</summary>
    public const string Folder = "/dashboard";

    /// <summary>Own files and own API only. Trusted types make the browser refuse every assignment of text as markup.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private static readonly EmbeddedFiles s_files = new("dashboard/");

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRequests(RequestRoutes.Reads, "/", AnswerAsync);
        s_files.Map(routes, Folder);
    }

    /// <summary>Whether the path is the page or one of its files: a browser cannot send a token for them.</summary>
    public static bool IsOwn(PathString path) => path == "/" || path.StartsWithSegments(Folder);

    private static Task AnswerAsync(HttpContext context)
    {
        if (!HtmlPage.IsWanted(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        context.Response.Headers.ContentSecurityPolicy = Policy;
        return EmbeddedFiles.WriteAsync(context, "text/html; charset=utf-8", s_files.Read("index.html"));
    }
}
