using System.Globalization;
using System.Net;
using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Ota;

/// <summary>The address that a device connects to.</summary>
internal static class WebSocketUrls
{
    private const string Path = "/xiaozhi/v1/";

    /// <summary>
    /// The host name that the device used, with the port of the device listener. Always with a port and a path: the devices' URL parser needs both.
    /// </summary>
    /// <remarks>With TLS on the device port, a device that used https gets wss: it knows the certificate. Every device gets it where TLS is required.</remarks>
    public static string Of(HttpContext context, GatewayOptions options, int devicePort)
    {
        if (options.Http.WebSocketUrl is { } configured)
        {
            return WebAddress.Public(configured);
        }

        TlsOptions tls = options.Devices.Tls;
        string scheme = tls.IsOn && (tls.Required || context.Request.IsHttps) ? "wss" : "ws";
        return string.Create(CultureInfo.InvariantCulture, $"{scheme}://{HostOf(context, options.Http)}:{devicePort}{Path}");
    }

    /// <summary>The host name that the client used, else the address of this machine that it reached; an IPv6 address in brackets.</summary>
    public static string HostOf(HttpContext context, HttpOptions options)
    {
        string host = context.Request.Host.Host;
        if (!IsHost(host) || (options.PublicHosts.Count > 0 && !options.PublicHosts.Contains(host.Trim('[', ']'), StringComparer.OrdinalIgnoreCase)))
        {
            IPAddress local = context.Connection.LocalIpAddress ?? IPAddress.Loopback;
            host = (local.IsIPv4MappedToIPv6 ? local.MapToIPv4() : local).ToString();
        }

        return host.Contains(':') && host[0] != '[' ? $"[{host}]" : host;
    }

    /// <summary>The header is untrusted text: it is used only when it is a name or an address.</summary>
    private static bool IsHost(string host) =>
        host.Length is > 0 and <= 253 && (IPAddress.TryParse(host.Trim('[', ']'), out _) ||
            host.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'));
}
