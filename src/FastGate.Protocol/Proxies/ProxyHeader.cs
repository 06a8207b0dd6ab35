using System.Buffers;
using System.Buffers.Binary;

namespace FastGate.Protocol.Proxies;

/// <summary>
/// The header by which a load balancer reports the client before the first byte of the client: the PROXY protocol, version 1 (text) and 2 (binary).
/// </summary>
/// <param name="HasClient">False for a connection of the load balancer itself (<c>LOCAL</c>) and for an unknown one: the address of the socket counts.</param>
/// <param name="Address">The client; an IPv4 address in its IPv6-mapped form.</param>
/// <param name="Port">The client's port.</param>
/// <remarks>
/// The result depends only on the bytes, never on how they were split. Budget: no allocation; enforced by <c>ProxyAllocationTests</c>.
/// </remarks>
public readonly record struct ProxyHeader(bool HasClient, UInt128 Address, ushort Port)
{
    /// <summary>Bytes of the longest header that is accepted. Load balancers add some hundred bytes of TLVs to the 52 of the addresses.</summary>
    public const int MaxLength = FixedLength + 4_096;

    // Version 1: the longest line, with its line end, of the specification.
    private const int MaxLineLength = 107;

    // Version 2: signature, version and command, family, length.
    private const int FixedLength = 16;
    private const int IPv4Length = 12;
    private const int IPv6Length = 36;
    private const byte TcpOverIPv4 = 0x11;
    private const byte TcpOverIPv6 = 0x21;

    private static ReadOnlySpan<byte> LinePrefix => "PROXY "u8;

    private static ReadOnlySpan<byte> Signature => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>Whether a header may begin with this byte; most requests do not.</summary>
    public static bool MayBeginWith(byte first) => first is (byte)'P' or (byte)'\r';

    /// <summary>Reads the header at the start of a connection.</summary>
    /// <param name="received">All bytes received since the start of the connection.</param>
    /// <param name="consumed">When Done, the length of the header; 0 when the connection begins with something else.</param>
    /// <param name="header">When Done and <paramref name="consumed"/> is not 0, the header.</param>
    /// <returns>Done, NeedMoreData, or InvalidData for bytes that begin as a header and are none.</returns>
    public static OperationStatus Parse(ReadOnlySpan<byte> received, out int consumed, out ProxyHeader header)
    {
        consumed = 0;
        header = default;
        return received.StartsWith(LinePrefix) ? ParseLine(received, out consumed, out header)
            : received.StartsWith(Signature) ? ParseBinary(received, out consumed, out header)
            : LinePrefix.StartsWith(received) || Signature.StartsWith(received) ? OperationStatus.NeedMoreData
            : OperationStatus.Done;
    }

    // "PROXY" SP ("TCP4" | "TCP6") SP source SP destination SP port SP port CRLF, or "PROXY UNKNOWN" and anything up to CRLF.
    private static OperationStatus ParseLine(ReadOnlySpan<byte> received, out int consumed, out ProxyHeader header)
    {
        consumed = 0;
        header = default;
        ReadOnlySpan<byte> bounded = received[..Math.Min(received.Length, MaxLineLength)];
        int end = bounded.IndexOf("\r\n"u8);
        if (end < 0)
        {
            return received.Length < MaxLineLength ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
        }

        ReadOnlySpan<byte> rest = bounded[LinePrefix.Length..end];
        ReadOnlySpan<byte> family = Next(ref rest);
        if (!family.SequenceEqual("UNKNOWN"u8))
        {
            bool isIPv4 = family.SequenceEqual("TCP4"u8);
            if (!isIPv4 && !family.SequenceEqual("TCP6"u8))
            {
                return OperationStatus.InvalidData;
            }

            if (!TryReadAddress(Next(ref rest), isIPv4, out UInt128 source) || !TryReadAddress(Next(ref rest), isIPv4, out _)
                || !AddressText.TryReadPort(Next(ref rest), out ushort port) || !AddressText.TryReadPort(rest, out _))
            {
                return OperationStatus.InvalidData;
            }

            header = new ProxyHeader(true, source, port);
        }

        consumed = end + 2;
        return OperationStatus.Done;
    }

    private static OperationStatus ParseBinary(ReadOnlySpan<byte> received, out int consumed, out ProxyHeader header)
    {
        const byte Local = 0x20;
        const byte Proxied = 0x21;
        consumed = 0;
        header = default;
        if (received.Length > Signature.Length && received[Signature.Length] is not (Local or Proxied))
        {
            return OperationStatus.InvalidData;
        }

        if (received.Length < FixedLength)
        {
            return OperationStatus.NeedMoreData;
        }

        bool isProxied = received[Signature.Length] == Proxied;
        byte family = received[Signature.Length + 1];
        int length = BinaryPrimitives.ReadUInt16BigEndian(received[(Signature.Length + 2)..]);
        int needed = !isProxied ? 0 : family switch { TcpOverIPv4 => IPv4Length, TcpOverIPv6 => IPv6Length, _ => 0 };
        if (length < needed || FixedLength + length > MaxLength)
        {
            return OperationStatus.InvalidData;
        }

        if (received.Length < FixedLength + length)
        {
            return OperationStatus.NeedMoreData;
        }

        // The TLVs behind the addresses are skipped. Another family, such as a Unix socket, reports no address that the gateway could use.
        ReadOnlySpan<byte> addresses = received[FixedLength..];
        header = needed switch
        {
            IPv4Length => new ProxyHeader(true, 0xFFFF_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(addresses), BinaryPrimitives.ReadUInt16BigEndian(addresses[8..])),
            IPv6Length => new ProxyHeader(true, BinaryPrimitives.ReadUInt128BigEndian(addresses), BinaryPrimitives.ReadUInt16BigEndian(addresses[32..])),
            _ => default,
        };
        consumed = FixedLength + length;
        return OperationStatus.Done;
    }

    private static bool TryReadAddress(ReadOnlySpan<byte> text, bool isIPv4, out UInt128 address) =>
        isIPv4 ? AddressText.TryReadIPv4(text, out address) : AddressText.TryReadIPv6(text, out address);

    /// <summary>The text before the next space, which is removed with it.</summary>
    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> rest)
    {
        int space = rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> next = space < 0 ? rest : rest[..space];
        rest = space < 0 ? default : rest[(space + 1)..];
        return next;
    }
}
