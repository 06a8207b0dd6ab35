using System.Globalization;
using System.Text;
using FastGate.Configuration.Loading;
using FastGate.Http.Ota;
using FastGate.Http.Pages;
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

    private static readonly EmbeddedFiles s_files = new("talk/");

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRequests(RequestRoutes.Reads, Path, PageAsync);
        s_files.Map(routes, Path);
    }

    private Task PageAsync(HttpContext context)
    {
        string devices = WebSocketUrls.Of(context, configuration.Current, devicePort());
        string scheme = configuration.Current.Devices.Tls.Required ? "https" : "http";
        string http = string.Create(CultureInfo.InvariantCulture, $"{scheme}://{WebSocketUrls.HostOf(context, configuration.Current.Http)}:{httpPort()}");

        // The page connects to the address that the reader types, and asks the OTA address for a token.
        context.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self'; style-src 'self'; connect-src ws: wss: {http}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        string page = Encoding.UTF8.GetString(s_files.Read("page.html"))
            .Replace("{devices}", HtmlPage.Encode(devices), StringComparison.Ordinal)
            .Replace("{ota}", HtmlPage.Encode(http + OtaEndpoints.Path), StringComparison.Ordinal);
        return EmbeddedFiles.WriteAsync(context, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(page));
    }
}
