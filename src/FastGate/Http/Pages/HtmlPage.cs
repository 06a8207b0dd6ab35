using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using FastGate.Configuration.Options;
using FastGate.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace FastGate.Http.Pages;

/// <summary>A page for a person who opened a listener in a browser. It runs no script and loads nothing.</summary>
internal static class HtmlPage
{
    private const string Style =
        "body{font:16px/1.6 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}"
        + "h1{font-size:1.5rem}code{background:#eef1f4;padding:.15rem .4rem;border-radius:.25rem;overflow-wrap:anywhere}"
        + "li{margin:.4rem 0}a{color:#0b5cad}"
        + "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181a1b}code{background:#2a2e31}a{color:#7ab7ff}}";

    /// <summary>Allows this style sheet and nothing else.</summary>
    private static readonly string s_policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>
    /// Only a browser names <c>text/html</c>. Devices, consoles and health checks send <c>*/*</c> or nothing, and get what they got before there
    /// were pages.
    /// </summary>
    public static bool IsWanted(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) &&
        MediaTypeHeaderValue.TryParseList([.. request.Headers.Accept.OfType<string>()], out IList<MediaTypeHeaderValue>? accepted) &&
        accepted.Any(static type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase) && type.Quality is not 0);

    /// <summary>Text from outside the program must be encoded before it becomes part of a page.</summary>
    public static string Encode(string text) => HtmlEncoder.Default.Encode(text);

    /// <summary>Whether the reader prefers Chinese; every other reader gets English.</summary>
    public static bool IsChinese(HttpRequest request) =>
        SpokenLanguage.OfHeader(Encoding.UTF8.GetBytes(request.Headers.AcceptLanguage.ToString())) == SessionLanguage.Zh;

    public static Task WriteAsync(HttpContext context, bool isChinese, string title, string body)
    {
        byte[] page = Encoding.UTF8.GetBytes(
            $"""
            <!DOCTYPE html>
            <html lang="{(isChinese ? "zh-CN" : "en")}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>{title}</title>
            <style>{Style}</style>
            </head>
            <body>
            <h1>{title}</h1>
            {body}
            </body>
            </html>

            """);
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = s_policy;
        headers["Referrer-Policy"] = "no-referrer";
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = page.Length;
        return context.Response.Body.WriteAsync(page, context.RequestAborted).AsTask();
    }
}
