using System.Globalization;
using System.Text;
using FastGate.Auth;
using FastGate.Testing;

namespace FastGate.Tests.Fuzz.Lives;

/// <summary>What the clients of a life send first: a PROXY header where there is a proxy, and a request that is mostly one of a device.</summary>
internal sealed class LifeRequests(LifePlan plan, Random random)
{
    private const string Client = "7b94d69a-9808-4c59-9c9b-704333b38aff";

    private static readonly string[] s_devices = ["aa:bb:cc:00:00:01", "aa:bb:cc:00:00:02"];

    private static readonly byte[] s_proxy2 =
        [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 12, 203, 0, 113, 7, 198, 51, 100, 7, 0x12, 0x67, 0x01, 0xBB];

    /// <summary>The ids that devices of a life have, few enough that one often takes the place of another.</summary>
    public static IReadOnlyList<string> Devices => s_devices;

    public byte[] Next()
    {
        string device = s_devices[random.Next(s_devices.Length)];
        string target = random.Next(10) == 0 ? $"/xiaozhi/v1/?device-id={device}&client-id={Client}" : "/xiaozhi/v1/";
        string request = random.Next(plan.IsHostile ? 20 : 200) switch
        {
            0 => "GET / HTTP/1.1\r\nHost: gate\r\nAccept: text/html\r\n\r\n",
            1 => "HEAD /xiaozhi/v1/ HTTP/1.1\r\nHost: gate\r\n\r\n",
            2 => ScriptedDevice.Request(target, Headers(device)).Replace("Version: 13", "Version: 12", StringComparison.Ordinal),
            3 => ScriptedDevice.Request(target, Headers(device) + $"X-Long: {new string('x', random.Next(9_000))}\r\n"),
            4 => ScriptedDevice.Request(target, ""),
            _ => ScriptedDevice.Request(target, Headers(device)),
        };
        return [.. ProxyHeader(), .. Encoding.Latin1.GetBytes(request)];
    }

    private byte[] ProxyHeader()
    {
        if (random.Next(plan.HasProxy ? 4 : plan.IsHostile ? 40 : int.MaxValue) > (plan.HasProxy ? 2 : 0))
        {
            return [];
        }

        string address = LifePlan.Addresses[random.Next(LifePlan.Addresses.Length)];
        string family = address.Contains(':', StringComparison.Ordinal) ? "TCP6" : "TCP4";
        return random.Next(8) switch
        {
            0 => s_proxy2,
            1 => Encoding.ASCII.GetBytes("PROXY UNKNOWN\r\n"),
            2 when plan.IsHostile => Encoding.ASCII.GetBytes("PROXY TCP4 203.0.113.9 198.51.100.7 4711\r\n"),
            _ => Encoding.ASCII.GetBytes($"PROXY {family} {address} {address} 4711 443\r\n"),
        };
    }

    private string Headers(string device)
    {
        var headers = new StringBuilder($"Device-Id: {device}\r\nClient-Id: {Client}\r\n");
        if (plan.HasAuth || random.Next(10) == 0)
        {
            headers.Append(Authorization(device));
        }

        if (plan.HasDeflate || random.Next(10) == 0)
        {
            headers.Append(random.Next(5) switch
            {
                0 => "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n",
                1 when plan.IsHostile => "Sec-WebSocket-Extensions: permessage-deflate;\r\n",
                2 => "",
                _ => "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n",
            });
        }

        if (random.Next(3) == 0)
        {
            headers.Append(CultureInfo.InvariantCulture, $"Protocol-Version: {random.Next(5)}\r\n");
        }

        if (random.Next(12) == 0)
        {
            headers.Append(random.Next(plan.IsHostile ? 2 : 20) > 0 ? "Origin: https://app.example.org\r\n" : "Origin: https://other.example.org\r\n");
        }

        if (plan.HasProxy && random.Next(4) == 0)
        {
            headers.Append(CultureInfo.InvariantCulture, $"X-Forwarded-For: {LifePlan.Addresses[random.Next(LifePlan.Addresses.Length)]}\r\n");
        }

        return headers.ToString();
    }

    private string Authorization(string device) => random.Next(plan.IsHostile ? 8 : 24) switch
    {
        0 => "",
        1 => "Authorization: Bearer wrong\r\n",
        2 => $"Authorization: Basic {LifePlan.Token}\r\n",
        3 => $"Authorization: Bearer {Signed(Client, device, DateTimeOffset.UtcNow.AddDays(-60))}\r\n",
        4 => $"Authorization: Bearer {Signed("another", device, DateTimeOffset.UtcNow)}\r\n",
        5 or 6 => $"Authorization: Bearer {Signed(Client, device, DateTimeOffset.UtcNow)}\r\n",
        _ => $"Authorization: Bearer {LifePlan.Token}\r\n",
    };

    private static string Signed(string client, string device, DateTimeOffset at)
    {
        string time = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signature = new byte[DeviceToken.SignatureLength];
        DeviceToken.TrySign(
            Encoding.UTF8.GetBytes(LifePlan.Key), Encoding.UTF8.GetBytes(client), Encoding.UTF8.GetBytes(device), Encoding.UTF8.GetBytes(time), signature);
        return $"{Encoding.ASCII.GetString(signature)}.{time}";
    }
}
