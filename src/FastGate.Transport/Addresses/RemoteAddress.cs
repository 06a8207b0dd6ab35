using System.Buffers.Binary;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Addresses;

/// <summary>Replaces the address of a connection's peer by the one that a proxy reports.</summary>
public static class RemoteAddress
{
    /// <param name="connection">The connection. Only its loop may call.</param>
    /// <param name="address">An IPv4 address in its IPv6-mapped form.</param>
    /// <param name="port">0 when it is unknown.</param>
    public static void Replace(ConnectionContext connection, UInt128 address, ushort port)
    {
        if (connection is not IRemoteAddress direct || !direct.TryReplace(address, port))
        {
            connection.RemoteEndPoint = EndPointOf(address, port);
        }
    }

    /// <summary>The end point of an address; an IPv4 address is given in its IPv6-mapped form.</summary>
    public static IPEndPoint EndPointOf(UInt128 address, ushort port)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, address);
        var shown = new IPAddress(address >> 32 == 0xFFFF ? bytes[12..] : bytes);
        return port == 0 ? new ReportedEndPoint(shown) : new IPEndPoint(shown, port);
    }
}
