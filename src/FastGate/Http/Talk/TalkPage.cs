using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using FastGate.Configuration.Loading;
using FastGate.Http.Ota;
using FastGate.Http.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FastGate.Http.Talk;

/// <summary>
/// A page that acts as a device: microphone, speaker and two tools in a browser. Its files are embedded and contain no secret; the ports are read
/// for each request, because the listeners are bound later.
/// </summary>
internal sealed class TalkPage(GatewayConfiguration configuration, Func<int> devicePort, Func<int> httpPort)
{
    /// <summary>The page; its files are below.</summary>
    public const string Path = "/talk";

    private static readonly FrozenDictionary<string, byte[]> s_files = ReadFiles();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods(Path, [HttpMethods.Get, HttpMethods.Head], PageAsync);
        Map("page.css", "text/css; charset=utf-8");
        Map("page.js", "text/javascript; charset=utf-8");
        Map("words.js", "text/javascript; charset=utf-8");
        Map("capture.js", "text/javascript; charset=utf-8");

        void Map(string name, string type) =>
            routes.MapMethods($"{Path}/{name}", [HttpMethods.Get, HttpMethods.Head], context => WriteAsync(context, type, s_files[name]));
    }

    private Task PageAsync(HttpContext context)
    {
        string devices = WebSocketUrls.Of(context, configuration.Current.Http.WebSocketUrl, devicePort());
        string http = string.Create(CultureInfo.InvariantCulture, $"http://{WebSocketUrls.HostOf(context)}:{httpPort()}");

        // The page connects to the address that the reader types, and asks the OTA address for a token.
        context.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self'; style-src 'self'; connect-src ws: wss: {http}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        string page = Encoding.UTF8.GetString(s_files["page.html"])
            .Replace("{devices}", HtmlPage.Encode(devices), StringComparison.Ordinal)
            .Replace("{ota}", HtmlPage.Encode(http + OtaEndpoints.Path), StringComparison.Ordinal);
        return WriteAsync(context, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(page));
    }

    private static Task WriteAsync(HttpContext context, string type, byte[] body)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static FrozenDictionary<string, byte[]> ReadFiles()
    {
        const string Prefix = "talk/";
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (string name in typeof(TalkPage).Assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using Stream stream = typeof(TalkPage).Assembly.GetManifestResourceStream(name)!;
            byte[] file = new byte[stream.Length];
            stream.ReadExactly(file);
            files[name[Prefix.Length..]] = file;
        }

        return files.ToFrozenDictionary();
    }
}
