using System.Text;
using FastGate.Auth;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;
using FastGate.Sessions;

namespace FastGate.Connections;

/// <summary>Refused handshakes: their answer, their record and their log line.</summary>
internal partial class DeviceConnection
{
    /// <summary>Since the accept, which set the handshake's deadline.</summary>
    private long ElapsedMs => services.Clock.NowMs - (_phaseDeadlineMs - services.Timeouts.HandshakeMs);

    /// <summary>False when this source has many with the verdict: then neither a record nor a log line is made, because a flood must cost nothing.</summary>
    private bool IsToReport(Verdict verdict, scoped in HandshakeRequest request, ReadOnlySpan<byte> deviceId)
    {
        UInt128 address = SourceAddress;
        return services.Recorder.Note(verdict, address, SourceKey.Of(address, request), deviceId);
    }

    private void Report(ConnectionRecord record, bool isLogged)
    {
        services.Recorder.Add(record with { ElapsedMs = ElapsedMs });
        if (isLogged && record.Error is string error && record.Status != 0)
        {
            // The log limits the lines of each event.
            services.Log.Refused(record.DeviceId ?? "an unknown device", record.RemoteAddress, record.Status, record.Auth ?? error, record.Target);
        }
    }

    private void ReportIdentity(in HandshakeRequest request, in DeviceIdentity identity, AuthResult auth)
    {
        Verdict verdict = auth.IsAccepted() ? IdentityVerdicts.Of(identity) : CredentialVerdicts.Of(auth, identity, request);
        if (!IsToReport(verdict, request, identity.IsGenerated ? default : identity.DeviceId))
        {
            return;
        }

        ConnectionRecord record = HandshakeRecords.OfIdentity(request, identity, auth, verdict, context.RemoteEndPoint, services.HandshakeLimits);
        Report(record, isLogged: true);
        if (identity.IsGenerated)
        {
            services.Log.AutomaticId(record.DeviceId!, record.RemoteAddress, record.Target, string.Join(", ", record.HeaderNames), record.DescribeSources());
        }
    }

    private void ReportIncomplete(in HandshakeRequest request, ReadOnlySpan<byte> received)
    {
        Verdict verdict = RequestVerdicts.OfIncomplete(EndReason == ConnectionEndReason.HandshakeTimeout, received);
        Span<byte> scratch = stackalloc byte[DeviceIdentity.ScratchLength(services.HandshakeLimits)];
        ReadOnlySpan<byte> id = HandshakeRecords.IdOf(request, scratch);
        if (IsToReport(verdict, request, id))
        {
            Report(HandshakeRecords.OfIncomplete(request, EndReason, verdict, received, id, context.RemoteEndPoint), isLogged: false);
        }
    }

    /// <summary>Records a connection that failed during its request. Its bytes are no longer available.</summary>
    private void ReportLost()
    {
        if (_session is not null || _finished)
        {
            return;
        }

        if (_handshake is null)
        {
            ReportNothingReceived();
            return;
        }

        var nothing = default(HandshakeParser);
        ReportIncomplete(nothing.GetRequest([]), []);
    }

    private void ReportNothingReceived()
    {
        if (Tls is { } tls)
        {
            ReportTls(tls);
        }
        else
        {
            ReportNothingSent();
        }
    }

    /// <summary>One small record: port checks come often.</summary>
    private void ReportNothingSent()
    {
        UInt128 address = SourceAddress;
        if (services.Recorder.Note(Verdict.NothingSent, address, SourceKey.Of(address), default))
        {
            services.Recorder.Add(new ConnectionRecord
            {
                At = DateTimeOffset.UtcNow,
                Verdict = Verdict.NothingSent,
                Peer = context.RemoteEndPoint,
                EndReason = EndReason.Tag(),
                ElapsedMs = ElapsedMs,
            });
        }
    }

    /// <summary>Records the end of an upgraded connection.</summary>
    private void ReportEnd(DeviceSession session)
    {
        Verdict verdict = EndRecords.Of(EndReason, session.HelloSeen || services.Echo);
        Span<byte> buffer = stackalloc byte[DeviceIdentity.MaxIdLength];
        ReadOnlySpan<byte> id = buffer[..Encoding.UTF8.GetBytes(_deviceId, buffer)];
        if (!services.Recorder.Note(verdict, SourceAddress, SourceKey.Of(id), id))
        {
            return;
        }

        long now = services.Clock.NowMs;
        services.Recorder.Add(new ConnectionRecord
        {
            At = DateTimeOffset.UtcNow,
            Verdict = verdict,
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
        Verdict verdict = RequestVerdicts.Of(error, request, received);
        Span<byte> scratch = stackalloc byte[DeviceIdentity.ScratchLength(services.HandshakeLimits)];
        ReadOnlySpan<byte> id = HandshakeRecords.IdOf(request, scratch);
        if (IsToReport(verdict, request, id))
        {
            Report(
                HandshakeRecords.OfRefusal(request, error, verdict, received, id, context.RemoteEndPoint),
                isLogged: error is not (HandshakeError.NotUpgrade or HandshakeError.Draining));
        }

        bool isHead = HandshakeRules.IsHead(request);
        Answer(error, isHead, isBrowser: error == HandshakeError.NotUpgrade && !isHead && services.HttpPort != 0 && request.AcceptsHtml);
    }

    private void RefuseBanned(in HandshakeRequest request, Ban ban, ReadOnlySpan<byte> deviceId)
    {
        services.Fleet.Bans.CountRefusal();
        if (IsToReport(Verdict.Banned, request, deviceId))
        {
            Report(HandshakeRecords.OfBan(request, ban, deviceId, context.RemoteEndPoint), isLogged: true);
        }

        Answer(HandshakeError.Banned, isHead: false);
    }

    private void Answer(HandshakeError error, bool isHead, bool isBrowser = false, int retryAfterSeconds = 5)
    {
        TryEnd(error switch
        {
            HandshakeError.NotUpgrade or HandshakeError.KeyWithoutUpgrade => ConnectionEndReason.NotUpgraded,
            HandshakeError.NotAuthorized => ConnectionEndReason.NotAuthorized,
            HandshakeError.Draining => ConnectionEndReason.Draining,
            HandshakeError.Overloaded => ConnectionEndReason.Overloaded,
            HandshakeError.Banned => ConnectionEndReason.Banned,
            HandshakeError.TooManyConnects => ConnectionEndReason.ConnectsTooOften,
            HandshakeError.OriginNotAllowed => ConnectionEndReason.OriginRefused,
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
