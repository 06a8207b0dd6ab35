using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using FastGate.Fleet;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Proxies;
using FastGate.Transport.Addresses;

namespace FastGate.Connections;

/// <summary>
/// The address of the client. It replaces the address of the socket where a trusted proxy reports it, so that limits, bans, records and reports see the client.
/// </summary>
internal partial class DeviceConnection
{
    private const int ReportedClientLength = 16 + sizeof(ushort);

    /// <summary>The client's address as of <see cref="AddressRange.ValueOf"/>; zero when it is unknown. On an event loop it costs no object.</summary>
    public UInt128 SourceAddress =>
        context is IRemoteAddress { MappedRemoteAddress: var address } && address != 0 ? address
        : context.RemoteEndPoint is IPEndPoint { Address: { } other } ? AddressRange.ValueOf(other) : 0;

    /// <summary>Reads the PROXY header of a trusted proxy. A second one, and one of any other peer, is left to the parser of requests, which refuses it.</summary>
    /// <returns>As of <see cref="ProxyHeader.Parse"/>.</returns>
    private OperationStatus ReadProxyHeader(ReadOnlySpan<byte> received, out int consumed)
    {
        consumed = 0;
        if (received.IsEmpty || !ProxyHeader.MayBeginWith(received[0]) || _handshake is { IsAfterProxyHeader: true } || !services.Peers.IsProxy(SourceAddress))
        {
            return OperationStatus.Done;
        }

        OperationStatus status = ProxyHeader.Parse(received, out consumed, out ProxyHeader header);
        if (consumed > 0)
        {
            _handshake = new HandshakeProgress { Parser = new HandshakeParser(services.HandshakeLimits), IsAfterProxyHeader = true };
            if (header.HasClient)
            {
                RemoteAddress.Replace(context, header.Address, header.Port);
            }
        }

        return status;
    }

    /// <summary>Takes the client's address from the headers of a trusted proxy.</summary>
    private void TakeReportedClient(in HandshakeRequest request)
    {
        if (services.Peers.HasProxies && services.Peers.TryFindClient(SourceAddress, new ReportedNodes(request), out UInt128 client))
        {
            RemoteAddress.Replace(context, client, port: 0);
        }
    }

    /// <summary>For the next owner of the socket, which sees only the proxy's address.</summary>
    private ReadOnlyMemory<byte> SaveReportedClient()
    {
        if (!services.Peers.HasProxies || SourceAddress == 0)
        {
            return default;
        }

        byte[] saved = new byte[ReportedClientLength];
        BinaryPrimitives.WriteUInt128BigEndian(saved, SourceAddress);
        BinaryPrimitives.WriteUInt16BigEndian(saved.AsSpan(16), (ushort)(context.RemoteEndPoint as IPEndPoint)!.Port);
        return saved;
    }

    private void RestoreReportedClient(ReadOnlySpan<byte> saved)
    {
        if (saved.Length == ReportedClientLength)
        {
            RemoteAddress.Replace(context, BinaryPrimitives.ReadUInt128BigEndian(saved), BinaryPrimitives.ReadUInt16BigEndian(saved[16..]));
        }
    }
}
