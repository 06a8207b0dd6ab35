using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Protocol.Handshake;
using FastGate.Sessions;

namespace FastGate.Connections;

/// <summary>Refused handshakes: their answer, their record and their log line.</summary>
internal sealed partial class DeviceConnection
{
    private void Report(ConnectionRecord record, bool generated)
    {
        services.Recorder.Add(record with { ElapsedMs = ElapsedMs });
        if (record.Error is string error && record.Status != 0)
        {
            // The log limits the lines of each event.
            services.Log.Refused(record.DeviceId ?? "an unknown device", record.RemoteAddress, record.Status, record.Auth ?? error, record.Target);
        }

        if (generated)
        {
            services.Log.AutomaticId(record.DeviceId!, record.RemoteAddress, record.Target, string.Join(", ", record.HeaderNames), record.DescribeSources());
        }
    }

    /// <summary>Since the accept, which set the handshake's deadline.</summary>
    private long ElapsedMs => services.Clock.NowMs - (_phaseDeadlineMs - services.Timeouts.HandshakeMs);

    /// <summary>Records a connection that failed during its request. Its bytes are no longer available.</summary>
    private void ReportLost()
    {
        if (_session is not null || _finished)
        {
            return;
        }

        if (_handshake is null)
        {
            ReportNothingSent();
            return;
        }

        var nothing = default(HandshakeParser);
        Report(HandshakeRecords.OfIncomplete(nothing.GetRequest([]), EndReason, [], context.RemoteEndPoint, services.HandshakeLimits), generated: false);
    }

    /// <summary>One small record: port checks come often.</summary>
    private void ReportNothingSent() => services.Recorder.Add(new ConnectionRecord
    {
        At = DateTimeOffset.UtcNow,
        Verdict = Verdict.NothingSent,
        Peer = context.RemoteEndPoint,
        EndReason = EndReason.Tag(),
        ElapsedMs = ElapsedMs,
    });

    /// <summary>Records the end of an upgraded connection.</summary>
    private void ReportEnd(DeviceSession session)
    {
        long now = services.Clock.NowMs;
        services.Recorder.Add(new ConnectionRecord
        {
            At = DateTimeOffset.UtcNow,
            Verdict = EndRecords.Of(EndReason, session.HelloSeen || services.Echo),
            Peer = context.RemoteEndPoint,
            DeviceId = _deviceId,
            Source = _identitySource.ToString(),
            Status = 101,
            EndReason = EndReason.Tag(),
            ElapsedMs = now - _openedMs,
            SilentMs = now - _lastInboundMs,
        });
    }

    /// <remarks>A plain GET and a drain's 503 have no line in the log: they are no failure of the device, and a fleet would fill it with them.</remarks>
    private void Refuse(in HandshakeRequest request, HandshakeError error, ReadOnlySpan<byte> received)
    {
        ConnectionRecord record = HandshakeRecords.OfRefusal(request, error, received, context.RemoteEndPoint, services.HandshakeLimits);
        if (error is HandshakeError.NotUpgrade or HandshakeError.Draining)
        {
            services.Recorder.Add(record with { ElapsedMs = ElapsedMs });
        }
        else
        {
            Report(record, generated: false);
        }

        bool isHead = HandshakeRules.IsHead(request);
        Answer(error, isHead, isBrowser: error == HandshakeError.NotUpgrade && !isHead && services.HttpPort != 0 && request.AcceptsHtml);
    }

    private void RefuseBanned(in HandshakeRequest request, Ban ban)
    {
        services.Fleet.Bans.CountRefusal();
        Report(HandshakeRecords.OfBan(request, ban, _deviceId, context.RemoteEndPoint, services.HandshakeLimits), generated: false);
        Answer(HandshakeError.Banned, isHead: false);
    }

    private void Answer(HandshakeError error, bool isHead, bool isBrowser = false, int retryAfterSeconds = 5)
    {
        TryEnd(error switch
        {
            HandshakeError.NotUpgrade or HandshakeError.KeyWithoutUpgrade => ConnectionEndReason.NotUpgraded,
            HandshakeError.NotAuthorized or HandshakeError.TooManyTokens => ConnectionEndReason.NotAuthorized,
            HandshakeError.Draining => ConnectionEndReason.Draining,
            HandshakeError.Banned => ConnectionEndReason.Banned,
            _ => ConnectionEndReason.HandshakeRefused,
        });
        if (isBrowser)
        {
            HandshakeResponse.WriteBrowserNotice(Output, services.HttpPort);
        }
        else
        {
            HandshakeResponse.WriteRefusal(Output, error, isHead, retryAfterSeconds);
        }

        _unflushed = true;
        _finished = true;
    }
}
