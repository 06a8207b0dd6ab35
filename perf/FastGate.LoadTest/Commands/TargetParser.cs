using System.Net;
using System.Net.Sockets;

namespace FastGate.LoadTest.Commands;

/// <summary>
/// Reads the target from <c>host:port</c> or <c>ws://host:port/path</c>. Only 127.0.0.0/8 is allowed unless the user allows other
/// machines.
/// </summary>
internal static class TargetParser
{
    public static bool TryParse(string text, bool allowRemote, out IPEndPoint target, out string host, out string? path, out string error)
    {
        target = new IPEndPoint(IPAddress.Loopback, 0);
        host = "";
        path = null;
        string address = text.Contains("://", StringComparison.Ordinal) ? text : "ws://" + text;
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme != "ws" || uri.Host.Length == 0)
        {
            error = $"--target '{text}': write 127.0.0.1:8000 or ws://127.0.0.1:8000/xiaozhi/v1/. TLS is not spoken: load the proxy with another tool, or the server behind it.";
            return false;
        }

        host = uri.Host;
        path = uri.PathAndQuery == "/" && !text.EndsWith('/') ? null : uri.PathAndQuery;
        if (!TryResolve(uri.Host, out IPAddress? resolved))
        {
            error = $"--target '{text}': '{uri.Host}' has no IPv4 address.";
            return false;
        }

        target = new IPEndPoint(resolved!, uri.Port < 0 ? 80 : uri.Port);
        error = IPAddress.IsLoopback(resolved!) || allowRemote ? ""
            : $"--target '{text}' is {resolved}, outside 127.0.0.0/8. A load test of somebody else's machine is an attack; if it is yours, add --allow-remote.";
        return error.Length == 0;
    }

    private static bool TryResolve(string host, out IPAddress? address)
    {
        if (IPAddress.TryParse(host, out address))
        {
            return address.AddressFamily == AddressFamily.InterNetwork;
        }

        try
        {
            address = Dns.GetHostAddresses(host, AddressFamily.InterNetwork).FirstOrDefault();
        }
        catch (SocketException)
        {
        }

        return address is not null;
    }
}
