using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using FastGate.Transport.Addresses;

namespace FastGate.Transport.Linux;

/// <summary>struct sockaddr_in and sockaddr_in6 in the layout of Linux.</summary>
internal static class LinuxAddress
{
    private const ushort Ipv4 = 2;
    private const ushort Ipv6 = 10;

    /// <summary>Writes the address and returns its length.</summary>
    public static int Write(IPEndPoint endPoint, Span<byte> target)
    {
        target[..LinuxSocket.AddressSize].Clear();
        bool ipv6 = endPoint.Address.AddressFamily == AddressFamily.InterNetworkV6;
        BinaryPrimitives.WriteUInt16LittleEndian(target, ipv6 ? Ipv6 : Ipv4);
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)endPoint.Port);
        if (!ipv6)
        {
            endPoint.Address.TryWriteBytes(target[4..], out _);
            return 16;
        }

        endPoint.Address.TryWriteBytes(target[8..], out _);
        BinaryPrimitives.WriteUInt32LittleEndian(target[24..], (uint)endPoint.Address.ScopeId);
        return LinuxSocket.AddressSize;
    }

    public static IPEndPoint Read(ReadOnlySpan<byte> source)
    {
        int port = BinaryPrimitives.ReadUInt16BigEndian(source[2..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(source) != Ipv6)
        {
            return new IPEndPoint(new IPAddress(source.Slice(4, 4)), port);
        }

        var address = new IPAddress(source.Slice(8, 16), BinaryPrimitives.ReadUInt32LittleEndian(source[24..]));
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
    }

    /// <summary>
    /// Packs IPv4 addresses, and IPv4 addresses of a dual-mode socket, into one number: a connection keeps 8 bytes instead of an object.
    /// </summary>
    public static bool TryPack(ReadOnlySpan<byte> source, out ulong packed)
    {
        ushort family = BinaryPrimitives.ReadUInt16LittleEndian(source);
        ulong port = BinaryPrimitives.ReadUInt16BigEndian(source[2..]);
        ReadOnlySpan<byte> mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
        int at = family == Ipv4 ? 4 : source.Slice(8, 12).SequenceEqual(mapped) ? 20 : 0;
        packed = at == 0 ? 0 : (port << 32) | BinaryPrimitives.ReadUInt32LittleEndian(source[at..]);
        return at != 0;
    }

    /// <summary>The same for an address in the form of <see cref="Mapped"/>. False when it is no IPv4 address.</summary>
    public static bool TryPack(UInt128 mapped, ushort port, out ulong packed)
    {
        packed = ((ulong)port << 32) | BinaryPrimitives.ReverseEndianness((uint)mapped);
        return mapped >> 32 == 0xFFFF;
    }

    /// <summary>The peer of a socket has a port; an address without one was reported by a proxy.</summary>
    public static IPEndPoint Unpack(ulong packed) =>
        packed >> 32 == 0 ? new ReportedEndPoint(new IPAddress((uint)packed)) : new IPEndPoint((uint)packed, (int)(packed >> 32));

    /// <summary>The address as a number; an IPv4 address in its IPv6-mapped form. Allocates nothing.</summary>
    public static UInt128 ValueOf(ReadOnlySpan<byte> source) =>
        TryPack(source, out ulong packed) ? Mapped(packed) : BinaryPrimitives.ReadUInt128BigEndian(source[8..]);

    /// <summary>The address as a number; an IPv4 address in its IPv6-mapped form. Allocates nothing.</summary>
    public static UInt128 ValueOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        return length == 4 ? 0xFFFF_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <param name="value">As from <see cref="ValueOf(IPAddress)"/>.</param>
    public static IPAddress Of(UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return value >> 32 == 0xFFFF ? new IPAddress(bytes[12..]) : new IPAddress(bytes);
    }

    /// <summary>The packed IPv4 address as an IPv6 address, <c>::ffff:a.b.c.d</c>. Allocates nothing.</summary>
    public static UInt128 Mapped(ulong packed) => 0xFFFF_0000_0000UL | BinaryPrimitives.ReverseEndianness((uint)packed);
}
