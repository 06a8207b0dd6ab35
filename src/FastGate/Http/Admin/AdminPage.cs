using FastGate.Http.Pages;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>The start page of the admin listener: links to what it serves. Other requests for <c>/</c> get a 404 as before.</summary>
internal static class AdminPage
{
    private const string Links =
        """
        <ul>
        <li><a href="/talk">/talk</a></li>
        <li><a href="/api/v1/status">/api/v1/status</a></li>
        <li><a href="/api/v1/devices">/api/v1/devices</a></li>
        <li><a href="/api/v1/llm">/api/v1/llm</a></li>
        <li><a href="/api/v1/speech">/api/v1/speech</a></li>
        <li><a href="/api/v1/tools">/api/v1/tools</a></li>
        <li><a href="/api/v1/handshakes">/api/v1/handshakes</a></li>
        <li><a href="/metrics">/metrics</a></li>
        </ul>
        """;

    public static Task AnswerAsync(HttpContext context)
    {
        if (!HtmlPage.IsWanted(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return HtmlPage.IsChinese(context.Request)
            ? HtmlPage.WriteAsync(context, isChinese: true, "FastGate 管理接口", $"<p>这里是管理接口，内容为试用语音的页面、JSON 和 Prometheus 指标：</p>\n{Links}")
            : HtmlPage.WriteAsync(context, isChinese: false, "FastGate administration", $"<p>This is the admin listener. It serves a page to try the voice, JSON and Prometheus metrics:</p>\n{Links}");
    }
}
