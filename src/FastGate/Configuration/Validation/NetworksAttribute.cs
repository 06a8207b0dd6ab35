using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FastGate.Configuration.Validation;

/// <summary>IP addresses and networks in CIDR notation.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NetworksAttribute() : ItemsAttribute(mostItems: 1_000)
{
    protected override string AllowedItem => "an IP address or a network such as 10.0.0.0/8 or fd00::/8";

    /// <remarks>Short and octal forms of IPv4 addresses are more likely a mistake than meant.</remarks>
    protected override bool IsAllowed(string item)
    {
        int slash = item.IndexOf('/', StringComparison.Ordinal);
        string host = slash < 0 ? item : item[..slash];
        if (!IPAddress.TryParse(host, out IPAddress? address) || host.Contains('%', StringComparison.Ordinal))
        {
            return false;
        }

        bool isIPv4 = address.AddressFamily == AddressFamily.InterNetwork;
        return (!isIPv4 || host == address.ToString())
            && (slash < 0 || (int.TryParse(item.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int prefix) && prefix <= (isIPv4 ? 32 : 128)));
    }
}
