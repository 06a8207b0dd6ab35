using System.Globalization;
using System.Net;
using FastGate.Http.Pages;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Ota;

/// <summary>
/// What this server is and what to do next, for a person who opened the public listener or the OTA address in a browser. Contains addresses only:
/// no secret and no device.
/// </summary>
internal static class OtaPage
{
    public static Task WriteAsync(HttpContext context, string host, string webSocketUrl, int adminPort)
    {
        string ota = HtmlPage.Encode(OtaUrl(context, host));
        string devices = HtmlPage.Encode(webSocketUrl);
        string admin = adminPort.ToString(CultureInfo.InvariantCulture);
        bool isLoopback = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? named) && IPAddress.IsLoopback(named));
        return HtmlPage.IsChinese(context.Request)
            ? HtmlPage.WriteAsync(context, isChinese: true, "FastGate 正在运行", Chinese(ota, devices, admin, isLoopback))
            : HtmlPage.WriteAsync(context, isChinese: false, "FastGate is running", English(ota, devices, admin, isLoopback));
    }

    private static string OtaUrl(HttpContext context, string host)
    {
        HttpRequest request = context.Request;
        string scheme = request.IsHttps || request.Headers["X-Forwarded-Proto"] == "https" ? "https" : "http";
        string port = request.Host.Port is int named ? string.Create(CultureInfo.InvariantCulture, $":{named}") : "";
        return $"{scheme}://{host}{port}{OtaEndpoints.Path}";
    }

    private static string English(string ota, string devices, string admin, bool isLoopback) =>
        $"""
        <p>This server is a gateway for voice devices: it connects them to a language model. It is not used from a browser.</p>
        <ol>
        <li>Type this OTA address into the device: <code>{ota}</code></li>
        {(isLoopback ? "<li>You opened this page on the server itself. A device needs the address that this machine has in its network.</li>" : "")}
        <li>Restart the device. It asks that address where to connect, and gets <code>{devices}</code></li>
        </ol>
        <ul>
        <li>Health: <a href="/health/live">/health/live</a>, <a href="/health/ready">/health/ready</a></li>
        <li>Metrics and administration: port {admin} of the server, paths <code>/metrics</code> and <code>/api/v1/status</code>. Without a token
        they can be reached from the server itself only.</li>
        </ul>
        """;

    private static string Chinese(string ota, string devices, string admin, bool isLoopback) =>
        $"""
        <p>这台服务器是语音设备的网关，把设备连接到大语言模型。它不是用浏览器来使用的。</p>
        <ol>
        <li>在设备里填写这个 OTA 地址：<code>{ota}</code></li>
        {(isLoopback ? "<li>您是在服务器本机上打开这个页面的，设备要填写这台机器在局域网中的地址。</li>" : "")}
        <li>重启设备。设备会向该地址查询连接地址，得到 <code>{devices}</code></li>
        </ol>
        <ul>
        <li>健康检查：<a href="/health/live">/health/live</a>、<a href="/health/ready">/health/ready</a></li>
        <li>指标与管理：服务器的 {admin} 端口，路径 <code>/metrics</code> 和 <code>/api/v1/status</code>。没有设置令牌时只能从服务器本机访问。</li>
        </ul>
        """;
}
