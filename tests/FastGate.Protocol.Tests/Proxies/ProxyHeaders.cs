using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace FastGate.Protocol.Tests.Proxies;

/// <summary>PROXY headers as load balancers send them.</summary>
internal static class ProxyHeaders
{
    public const byte Local = 0x20;
    public const byte Proxied = 0x21;

    public static byte[] Line(string text) => Encoding.ASCII.GetBytes($"PROXY {text}\r\n");

    public static byte[] Binary(byte command, byte family, byte[] body) => Binary(command, family, body, body.Length);

    public static byte[] Binary(byte command, byte family, byte[] body, int length)
    {
        byte[] header = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, command, family, 0, 0, .. body];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), (ushort)length);
        return header;
    }

    /// <summary>Source, destination and their ports, which are 4711 and 443, and what follows them.</summary>
    public static byte[] Addresses(string source, string destination, int tlvs = 0) =>
        [.. IPAddress.Parse(source).GetAddressBytes(), .. IPAddress.Parse(destination).GetAddressBytes(), 0x12, 0x67, 0x01, 0xBB, .. new byte[tlvs]];
}
