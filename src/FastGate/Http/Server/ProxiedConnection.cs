using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using FastGate.Fleet;
using FastGate.Peers;
using FastGate.Protocol.Proxies;
using FastGate.Transport.Addresses;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Http.Server;

/// <summary>
/// The PROXY header by which a trusted proxy reports the client, before TLS and HTTP. A header of any other peer stays in the input, and the server
/// refuses it.
/// </summary>
internal static class ProxiedConnection
{
    /// <summary>
    /// Takes the header from the input, where there is one, and gives the connection the client's address. <see cref="OperationStatus.NeedMoreData"/> means
    /// that the input ended, or the read was cancelled, within the header.
    /// </summary>
    public static async Task<OperationStatus> ReadHeaderAsync(ConnectionContext connection, PeerRules peers)
    {
        UInt128 proxy = connection.RemoteEndPoint is IPEndPoint peer ? AddressRange.ValueOf(peer.Address) : 0;
        if (!peers.IsProxy(proxy))
        {
            return OperationStatus.Done;
        }

        PipeReader input = connection.Transport.Input;
        while (true)
        {
            ReadResult read = await input.ReadAsync(CancellationToken.None);
            if (read.IsCanceled)
            {
                input.AdvanceTo(read.Buffer.Start);
                return OperationStatus.NeedMoreData;
            }

            OperationStatus status = Parse(read.Buffer, out int consumed, out ProxyHeader header);
            if (status == OperationStatus.Done && header.HasClient && PeerRules.MayReport(proxy, header.Address))
            {
                RemoteAddress.Replace(connection, header.Address, header.Port);
            }
            else if (status == OperationStatus.Done && header.HasClient)
            {
                status = OperationStatus.InvalidData;
            }

            bool isShort = status == OperationStatus.NeedMoreData;
            SequencePosition next = read.Buffer.GetPosition(consumed);
            input.AdvanceTo(next, isShort ? read.Buffer.End : next);
            if (!isShort || read.IsCompleted)
            {
                return status;
            }
        }
    }

    private static OperationStatus Parse(in ReadOnlySequence<byte> received, out int consumed, out ProxyHeader header)
    {
        (consumed, header) = (0, default);
        if (received.IsEmpty)
        {
            return OperationStatus.NeedMoreData;
        }

        return received.IsSingleSegment
            ? ProxyHeader.Parse(received.FirstSpan, out consumed, out header)
            : ProxyHeader.Parse(received.Slice(0, Math.Min(received.Length, ProxyHeader.MaxLength)).ToArray(), out consumed, out header);
    }
}
