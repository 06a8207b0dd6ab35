using System.Net;
using System.Text;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Http.Pages;
using FastGate.Http.Server;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;
using FastGate.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Ota;

/// <summary>
/// Handles the request that a device makes at boot. <paramref name="devicePort"/> is read each time: the device listener opens
/// last. <paramref name="reached"/> learns which device used which address. <paramref name="place"/> names the address of another node, or none; null
/// without a cluster.
/// </summary>
internal sealed class OtaService(
    GatewayConfiguration configuration, OtaTokens tokens, Func<int> devicePort, ILogger log, TimeProvider time, DeviceLanguages languages,
    DeviceProfiles profiles, Action<string, HttpContext>? reached = null, Func<string, Task<string?>>? place = null)
{
    /// <summary>A page for browsers; nothing for other clients.</summary>
    public Task StartPageAsync(HttpContext context)
    {
        if (HtmlPage.IsWanted(context.Request))
        {
            return PageAsync(context);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary>A page for browsers; else a line for web consoles, which look for the word OTA and the address.</summary>
    public async Task GetAsync(HttpContext context)
    {
        if (HtmlPage.IsWanted(context.Request))
        {
            await PageAsync(context);
            return;
        }

        string url = UrlOf(context);
        byte[] body = Encoding.UTF8.GetBytes($"OTA 服务正常，设备将连接到 {url}\n");
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    public async Task PostAsync(HttpContext context)
    {
        var request = OtaRequest.Read(context.Request);

        // Always read to the end: a connection with an unread body cannot be reused.
        OtaDevice device = await OtaRequest.ReadDeviceAsync(context.Request);
        if (request is not { DeviceId: string deviceId, ClientId: string clientId })
        {
            Report(context, request.DeviceId, request.DeviceId is null ? "refused without a device id" : "refused without a client id");
            await JsonReply.WriteAsync(context, StatusCodes.Status200OK, new OtaRefusal(false, "request error."), OtaJson.Default.OtaRefusal);
            return;
        }

        if (device.Problem is not null)
        {
            Report(context, deviceId, device.Problem);
        }

        string? id = DeviceIdentity.Normalize(deviceId);
        if (id is not null)
        {
            Remember(id, context.Request.Headers.AcceptLanguage.ToString(), device);
        }

        reached?.Invoke(deviceId, context);
        string url = await PlaceAsync(id) ?? UrlOf(context);
        HttpOptions options = configuration.Current.Http;
        DateTimeOffset now = time.GetUtcNow();
        TimeSpan offset = options.TimezoneOffset ?? time.LocalTimeZone.GetUtcOffset(now);
        OtaGrant grant = tokens.Issue(
            deviceId, clientId, device.Board, context.Connection.RemoteIpAddress ?? IPAddress.None, HtmlPage.IsChinese(context.Request), now.ToUnixTimeSeconds());
        if (grant.Problem is not null)
        {
            Report(context, deviceId, grant.Problem);
        }

        var reply = new OtaReply(
            new OtaServerTime(now.ToUnixTimeMilliseconds(), (int)offset.TotalMinutes),
            new OtaFirmware(OtaRequest.ParsableVersion(device.Version), ""),
            new OtaWebSocket(url, grant.Token))
        {
            Activation = grant.Activation,
        };
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, reply, OtaJson.Default.OtaReply);
    }

    /// <summary>A device asks whether the code that it shows was confirmed.</summary>
    public async Task ActivateAsync(HttpContext context)
    {
        var request = OtaRequest.Read(context.Request);
        await OtaRequest.ReadDeviceAsync(context.Request);
        int status = request is { DeviceId: { } deviceId, ClientId: { } clientId } ? tokens.StatusOf(deviceId, clientId) : StatusCodes.Status404NotFound;
        string message = status switch
        {
            StatusCodes.Status200OK => "activated",
            StatusCodes.Status202Accepted => "waiting for the operator",
            _ => "no code of this device is valid; ask the OTA address again",
        };
        await JsonReply.WriteAsync(context, status, new OtaActivated(status == StatusCodes.Status200OK, message), OtaJson.Default.OtaActivated);
    }

    /// <summary>The firmware sends its language, version and board here and not in the handshake.</summary>
    private void Remember(string id, string acceptLanguage, in OtaDevice device)
    {
        profiles.Report(id, device.Version, device.Board);
        if (acceptLanguage.Length > 0)
        {
            languages.Remember(id, SpokenLanguage.OfHeader(Encoding.UTF8.GetBytes(acceptLanguage)));
        }
    }

    private Task<string?> PlaceAsync(string? id) => id is null || place is null ? Task.FromResult<string?>(null) : place(id);

    private Task PageAsync(HttpContext context) =>
        OtaPage.WriteAsync(context, WebSocketUrls.HostOf(context, configuration.Current.Http), UrlOf(context), ListenAddress.Parse(configuration.Current.Admin.Listen).Port);

    private string UrlOf(HttpContext context) => WebSocketUrls.Of(context, configuration.Current, devicePort());

    private void Report(HttpContext context, string? deviceId, string problem) => log.OtaProblem(
        deviceId is null ? "an unknown device" : HandshakeText.Render(Encoding.UTF8.GetBytes(deviceId)), $"{context.Connection.RemoteIpAddress}", problem);
}
