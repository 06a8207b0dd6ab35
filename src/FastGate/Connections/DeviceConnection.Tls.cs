using System.IO.Pipelines;
using FastGate.Diagnostics;
using FastGate.Flight;
using FastGate.Transport.Tls;

namespace FastGate.Connections;

/// <summary>TLS: a pipe that decrypts takes the place of the transport's pipe when the first byte is that of a TLS client.</summary>
internal partial class DeviceConnection
{
    private TlsPipe? Tls => context.Transport as TlsPipe;

    /// <summary>Why a handshake got no request, at the end of the input.</summary>
    private ConnectionEndReason ReasonOfEnd => Tls switch
    {
        { Failure: TlsFailure.Refused } => ConnectionEndReason.TlsHandshakeRefused,
        { IsOpen: false } => ConnectionEndReason.TlsHandshakeFailed,
        _ => ConnectionEndReason.PeerVanished,
    };

    /// <summary>False without TLS, and within TLS.</summary>
    private bool TryBeginTls(in ReadResult read)
    {
        if (services.Tls is not { } server || Tls is not null)
        {
            return false;
        }

        // Unexamined: the next read, which is that of the new pipe, returns the same bytes.
        Input.AdvanceTo(read.Buffer.Start);
        context.Transport = new TlsPipe(context.Transport, server);
        _handshake = null;
        TakeSignals();
        return true;
    }

    /// <summary>Records a connection with TLS that ended before its request.</summary>
    private void ReportTls(TlsPipe tls)
    {
        Verdict verdict = TlsVerdicts.Of(tls, EndReason == ConnectionEndReason.TlsHandshakeTimeout);
        UInt128 address = SourceAddress;
        if (services.Recorder.Note(verdict, address, SourceKey.Of(address), default))
        {
            services.Recorder.Add(new ConnectionRecord
            {
                At = DateTimeOffset.UtcNow,
                Verdict = verdict,
                Peer = context.RemoteEndPoint,
                Error = EndReason.ToString(),
                EndReason = EndReason.Tag(),
                Detail = TlsVerdicts.DetailOf(tls),
                ElapsedMs = ElapsedMs,
            });
        }
    }
}
