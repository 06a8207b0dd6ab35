using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using FastGate.Configuration.Options;
using FastGate.Http.Ota;
using FastGate.Protocol.Identity;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Vision;

/// <summary>
/// The address under which each device reached this server's HTTP listener in its last OTA request. Any thread, without locks. A fixed number of slots: an
/// unknown client can displace an address but not grow the table.
/// </summary>
internal sealed class VisionAddresses(int slots = VisionAddresses.Slots)
{
    /// <summary>A power of two.</summary>
    public const int Slots = 16_384;

    private Entry?[]? _entries;
    private string _last = "";

    /// <summary>The bound port; set when the listeners have opened.</summary>
    public int HttpPort { get; set; }

    /// <summary>For a device that has made no OTA request.</summary>
    public string Scheme { get; init; } = "http";

    public void Remember(string deviceId, HttpContext context, HttpOptions options)
    {
        if (DeviceIdentity.Normalize(deviceId) is not { } id)
        {
            return;
        }

        if (Volatile.Read(ref _entries) is not { } entries)
        {
            entries = new Entry?[slots];
            entries = Interlocked.CompareExchange(ref _entries, entries, null) ?? entries;
        }

        string url = UrlOf(context, options);
        ref Entry? slot = ref SlotOf(entries, id);
        if (Volatile.Read(ref slot) is not { } former || former.DeviceId != id || former.Url != url)
        {
            // The devices of a fleet use the same address: they share the text.
            string last = Volatile.Read(ref _last);
            if (last != url)
            {
                Volatile.Write(ref _last, url);
                last = url;
            }

            Volatile.Write(ref slot, new Entry(id, last));
        }
    }

    /// <summary>The address that a device used, else the first one of this machine.</summary>
    public string Find(string deviceId) =>
        DeviceIdentity.Normalize(deviceId) is { } id && Volatile.Read(ref _entries) is { } entries && Volatile.Read(ref SlotOf(entries, id)) is { } entry &&
        entry.DeviceId == id ? entry.Url : UrlOf(Scheme, OwnHost(), HttpPort);

    /// <summary>With the port of the request, which may be that of a proxy or a container's host.</summary>
    public static string UrlOf(HttpContext context, HttpOptions options)
    {
        (string scheme, int port) = context.Request.IsHttps ? ("https", 443) : ("http", 80);
        return UrlOf(scheme, WebSocketUrls.HostOf(context, options), context.Request.Host.Port ?? port);
    }

    private static string UrlOf(string scheme, string host, int port) => string.Create(CultureInfo.InvariantCulture, $"{scheme}://{host}:{port}{VisionEndpoints.Path}");

    private static string OwnHost() => (NetworkInterface.GetAllNetworkInterfaces()
        .Where(static card => card.OperationalStatus == OperationalStatus.Up && card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .SelectMany(static card => card.GetIPProperties().UnicastAddresses)
        .FirstOrDefault(static unicast => unicast.Address.AddressFamily == AddressFamily.InterNetwork)?.Address ?? IPAddress.Loopback).ToString();

    // The hash of a string is keyed per process: a client cannot choose whose slot it takes.
    private static ref Entry? SlotOf(Entry?[] entries, string deviceId) => ref entries[deviceId.GetHashCode() & (entries.Length - 1)];

    private sealed record Entry(string DeviceId, string Url);
}
