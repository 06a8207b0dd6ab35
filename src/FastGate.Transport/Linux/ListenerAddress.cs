using System.Net;

namespace FastGate.Transport.Linux;

/// <summary>Compares listening sockets of another owner with the configuration.</summary>
internal static class ListenerAddress
{
    /// <summary>The address of all the sockets; null when one does not listen, or its address differs from the others' or the configured one.</summary>
    public static IPEndPoint? OfAll(IReadOnlyList<int> listeners, IPEndPoint configured)
    {
        IPEndPoint? bound = null;
        foreach (int descriptor in listeners)
        {
            IPEndPoint? address = LinuxSocket.IsListening(descriptor) ? LinuxSocket.LocalEndPoint(descriptor) : null;
            if (address is null || !IsAsConfigured(address, configured) || !address.Equals(bound ?? address))
            {
                return null;
            }

            bound = address;
        }

        return bound;
    }

    /// <summary>With port 0 the system has chosen one, and the devices know it.</summary>
    private static bool IsAsConfigured(IPEndPoint address, IPEndPoint configured)
    {
        IPAddress wanted = configured.Address.IsIPv4MappedToIPv6 ? configured.Address.MapToIPv4() : configured.Address;
        return address.Address.Equals(wanted) && (configured.Port == 0 || configured.Port == address.Port);
    }
}
