using System.Text;
using FastGate.Auth;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Http.Server;
using FastGate.Protocol.Identity;
using FastGate.Sessions;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Ota;

/// <summary>Handles the request that a device makes at boot. <paramref name="devicePort"/> is read each time: the device listener opens last.</summary>
internal sealed class OtaService(GatewayConfiguration configuration, DeviceTokenIssuer tokens, Func<int> devicePort, TimeProvider time, DeviceLanguages languages)
{
    /// <summary>A line for people, and for web consoles that look for the word OTA and the address.</summary>
    public async Task GetAsync(HttpContext context)
    {
        string url = WebSocketUrls.Of(context, configuration.Current.Http.WebSocketUrl, devicePort());
        byte[] body = Encoding.UTF8.GetBytes($"OTA 服务正常，设备将连接到 {url}\n");
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    public async Task PostAsync(HttpContext context)
    {
        var request = OtaRequest.Read(context.Request);

        // Always read to the end: a connection with an unread body cannot be reused.
        string version = await OtaRequest.ReadVersionAsync(context.Request);
        if (request is not { DeviceId: string deviceId, ClientId: string clientId })
        {
            await JsonReply.WriteAsync(context, StatusCodes.Status200OK, new OtaRefusal(false, "request error."), OtaJson.Default.OtaRefusal);
            return;
        }

        Remember(deviceId, context.Request.Headers.AcceptLanguage.ToString());
        HttpOptions options = configuration.Current.Http;
        DateTimeOffset now = time.GetUtcNow();
        TimeSpan offset = options.TimezoneOffset ?? time.LocalTimeZone.GetUtcOffset(now);
        var reply = new OtaReply(
            new OtaServerTime(now.ToUnixTimeMilliseconds(), (int)offset.TotalMinutes),
            new OtaFirmware(version, ""),
            new OtaWebSocket(
                WebSocketUrls.Of(context, options.WebSocketUrl, devicePort()), tokens.Issue(deviceId, clientId, now.ToUnixTimeSeconds())));
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, reply, OtaJson.Default.OtaReply);
    }

    /// <summary>The firmware sends its language here and not in the handshake.</summary>
    private void Remember(string deviceId, string acceptLanguage)
    {
        if (acceptLanguage.Length > 0 && DeviceIdentity.Normalize(deviceId) is string id)
        {
            languages.Remember(id, SpokenLanguage.OfHeader(Encoding.UTF8.GetBytes(acceptLanguage)));
        }
    }
}
