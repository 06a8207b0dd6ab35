using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FastGate.Http.Pages;

/// <summary>
/// The files of a page, embedded into the assembly under a prefix. Each request reads its file from the mapped assembly, so that a page which no one
/// opens costs no memory.
/// </summary>
internal sealed class EmbeddedFiles(string prefix)
{
    /// <summary>Serves the scripts, styles and texts below the path. The page itself is served by its owner.</summary>
    public void Map(IEndpointRouteBuilder routes, string path) =>
        routes.MapRequests(RequestRoutes.Reads, $"{path}/{{name}}", AnswerAsync);

    public byte[] Read(string name) => TryRead(name) ?? throw new FileNotFoundException(prefix + name);

    public static Task WriteAsync(HttpContext context, string type, byte[] body)
    {
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private Task AnswerAsync(HttpContext context)
    {
        string name = (string?)context.Request.RouteValues["name"] ?? "";
        string? type = Path.GetExtension(name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".txt" => "text/plain; charset=utf-8",
            _ => null,
        };
        if (type is not null && TryRead(name) is { } file)
        {
            return WriteAsync(context, type, file);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private byte[]? TryRead(string name)
    {
        using Stream? stream = typeof(EmbeddedFiles).Assembly.GetManifestResourceStream(prefix + name);
        if (stream is null)
        {
            return null;
        }

        byte[] file = new byte[stream.Length];
        stream.ReadExactly(file);
        return file;
    }
}
