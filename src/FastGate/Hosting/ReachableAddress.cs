using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace FastGate.Hosting;

/// <summary>An address that another machine can use: for a listener on all addresses, the first one of this machine that is not loopback.</summary>
internal static class ReachableAddress
{
    public static IPEndPoint Of(IPEndPoint bound)
    {
        if (!bound.Address.Equals(IPAddress.Any) && !bound.Address.Equals(IPAddress.IPv6Any))
        {
            return bound;
        }

        IPAddress? own = NetworkInterface.GetAllNetworkInterfaces()
            .Where(card => card.OperationalStatus == OperationalStatus.Up && card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork);
        return new IPEndPoint(own ?? IPAddress.Loopback, bound.Port);
    }
}
