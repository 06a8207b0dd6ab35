using System.IO.Pipelines;
using System.Net;
using FastGate.Fleet;
using FastGate.Limits;
using FastGate.Peers;
using FastGate.Transport.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace FastGate.Http.Server;

/// <summary>
/// TLS on an HTTP listener, beside plain connections. The pipe, the bounds and the counts of handshakes are those of the device port, and a failed handshake
/// counts against its address as it does there.
/// </summary>
internal sealed class HttpTls(TlsServer server, SourceLimits limits, BanList bans, PeerRules peers)
{
    /// <summary>The first byte of a TLS client.</summary>
    public const int FirstByte = 0x16;

    /// <summary>From the first byte to the end of the handshake.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Whether plain requests are refused (<see cref="RequiredTls"/>).</summary>
    public bool IsRequired { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes the handshake and serves the connection. A client that fails ends its own connection only; a banned one gets no handshake.</summary>
    public async Task RunAsync(ConnectionContext connection, HttpListenerOptions listener, ConnectionDelegate next)
    {
        UInt128 address = connection.RemoteEndPoint is IPEndPoint peer ? AddressRange.ValueOf(peer.Address) : 0;
        if (!peers.IsExempt(address) && bans.Find(address) is { } ban)
        {
            bans.CountRefusal();
            listener.Misdirected?.ObserveBan(connection, listener.Name, ban);
            return;
        }

        IDuplexPipe encrypted = connection.Transport;
        using var pipe = new TlsPipe(encrypted, server);
        if (!await TryHandshakeAsync(pipe, connection, listener, address))
        {
            return;
        }

        // Its presence tells Kestrel that the scheme is https. Clients are asked for no certificate.
        connection.Features.Set<ITlsConnectionFeature>(new TlsConnectionFeature());
        connection.Transport = pipe;
        try
        {
            await next(connection);
            await pipe.EndAsync();
        }
        finally
        {
            connection.Transport = encrypted;
        }
    }

    private async Task<bool> TryHandshakeAsync(TlsPipe pipe, ConnectionContext connection, HttpListenerOptions listener, UInt128 address)
    {
        using var timeout = new CancellationTokenSource(HandshakeTimeout, Time);
        using CancellationTokenRegistration cancel = timeout.Token.UnsafeRegister(static state => ((PipeReader)state!).CancelPendingRead(), pipe.Input);
        try
        {
            // The first read makes the handshake. It ends with bytes of the request, which stay unread, or with the timeout, which only counts before that.
            ReadResult read = await pipe.Input.ReadAsync(CancellationToken.None);
            pipe.Input.AdvanceTo(read.Buffer.Start);
        }
        catch (ConnectionAbortedException)
        {
            // The listener has closed it for a new connection, or the server stops: no failure of the client.
            return false;
        }
        catch (IOException)
        {
            // The client has reset the connection.
        }

        if (!pipe.IsOpen)
        {
            listener.Misdirected?.ObserveTls(connection, listener.Name, pipe, timeout.IsCancellationRequested);
            if (pipe.Failure != TlsFailure.Refused)
            {
                limits.Failed(address);
            }
        }

        return pipe.IsOpen;
    }
}
