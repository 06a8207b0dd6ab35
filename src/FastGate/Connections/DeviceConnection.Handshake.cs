using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using FastGate.Auth;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Limits;
using FastGate.Protocol.Audio;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;
using FastGate.Protocol.Proxies;
using FastGate.Registry;
using FastGate.Sessions;

namespace FastGate.Connections;

/// <summary>Handshake phase: from the first byte to a registered device or a refusal with its reason.</summary>
internal partial class DeviceConnection
{
    private const int GeneratedIdDraws = 16;

    /// <remarks>Budget: a request that arrives whole allocates only objects that live as long as the connection (ExpectedAllocationsTests).</remarks>
    private void ReceiveRequest(in ReadResult read)
    {
        ReadOnlySequence<byte> buffer = read.Buffer;
        if (buffer.IsSingleSegment)
        {
            ReceiveRequest(read, buffer.FirstSpan);
            return;
        }

        // A request in several segments is rare and small. Bytes beyond the limits are not needed to refuse it.
        HandshakeLimits limits = services.HandshakeLimits;
        int length = (int)Math.Min(buffer.Length, Math.Max(limits.Total + 16, ProxyHeader.MaxLength));
        using IMemoryOwner<byte> copy = MemoryPool<byte>.Shared.Rent(length);
        buffer.Slice(0, length).CopyTo(copy.Memory.Span);
        ReceiveRequest(read, copy.Memory.Span[..length]);
    }

    private void ReceiveRequest(in ReadResult read, ReadOnlySpan<byte> received)
    {
        OperationStatus proxyStatus = ReadProxyHeader(received, out int headerLength);
        if (headerLength > 0)
        {
            // What follows is not examined, so the next read returns it at once.
            Input.AdvanceTo(read.Buffer.GetPosition(headerLength));
            TakeSignals();
            return;
        }

        HandshakeParser fresh = _handshake is null ? new HandshakeParser(services.HandshakeLimits) : default;
        ref HandshakeParser parser = ref _handshake is null ? ref fresh : ref _handshake.Parser;
        int consumed = 0;
        OperationStatus status = proxyStatus == OperationStatus.Done ? parser.Parse(received, out consumed) : proxyStatus;
        if (status == OperationStatus.NeedMoreData)
        {
            if (read.IsCompleted)
            {
                TryEnd(ReasonOfEnd);
            }

            _finished |= EndReason != ConnectionEndReason.None;
            if (_finished && received.IsEmpty)
            {
                ReportNothingReceived();
            }
            else if (_finished)
            {
                ReportIncomplete(parser.GetRequest(received), received);
            }

            if (!received.IsEmpty)
            {
                _handshake ??= new HandshakeProgress { Parser = fresh };
            }

            Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            TakeSignals();
            return;
        }

        if (status == OperationStatus.InvalidData && parser.Error == HandshakeError.TlsClientHello && TryBeginTls(read))
        {
            return;
        }

        HandshakeRequest request = parser.GetRequest(received);
        TakeReportedClient(request);
        HandshakeError error = status == OperationStatus.Done ? HandshakeRules.Check(request)
            : proxyStatus == OperationStatus.InvalidData ? HandshakeError.MalformedProxyHeader : parser.Error;
        if (error == HandshakeError.None && services.TlsRequired && Tls is null)
        {
            error = HandshakeError.TlsRequired;
        }

        if (error == HandshakeError.None && !services.Origins.Allows(request))
        {
            error = HandshakeError.OriginNotAllowed;
        }

        DeflateTerms deflate = default;
        if (error == HandshakeError.None && services.Deflate && !DeflateOffer.TryRead(request, out deflate))
        {
            error = HandshakeError.MalformedExtensions;
        }

        _deflateBits = (byte)deflate.WindowBits;
        if (error == HandshakeError.None && services.RefusesAll())
        {
            error = HandshakeError.Draining;
        }

        if (error == HandshakeError.None && services.Overload.Level != OverloadLevel.None)
        {
            error = HandshakeError.Overloaded;
        }

        if (error == HandshakeError.None)
        {
            Identify(request);
        }
        else
        {
            Refuse(request, error, received);
        }

        _handshake = null;
        if (!_finished)
        {
            // A client may send frames directly after its request.
            ReceiveFrames(read.Buffer.Slice(consumed));
        }

        Input.AdvanceTo(read.Buffer.End);
        TakeSignals();
    }

    [SkipLocalsInit]
    private void Identify(in HandshakeRequest request)
    {
        if (IsOverLimit(request))
        {
            return;
        }

        Span<byte> scratch = stackalloc byte[DeviceIdentity.ScratchLength(services.HandshakeLimits)];
        BanList bans = services.Fleet.Bans;
        if (bans.Count > 0 && !services.Peers.IsExempt(SourceAddress) && bans.Find(SourceAddress) is { } addressBan)
        {
            RefuseBanned(request, addressBan, HandshakeRecords.IdOf(request, scratch));
            return;
        }

        var identity = DeviceIdentity.Read(request, scratch, services.NextRandom());
        for (int draw = 1; identity.IsGenerated && services.Registry.Find(identity.DeviceId) is not null && draw < GeneratedIdDraws; draw++)
        {
            // The id is in use: because the newest connection wins, a collision would close another device's connection.
            identity = DeviceIdentity.Read(request, scratch, services.NextRandom());
        }

        AuthResult auth = Authenticate(request, identity);
        Volatile.Write(ref _deviceId, Encoding.UTF8.GetString(identity.DeviceId));
        if (!auth.IsAccepted() || IdentityVerdicts.NeedsRecord(identity))
        {
            ReportIdentity(request, identity, auth);
        }

        if (!auth.IsAccepted())
        {
            Answer(HandshakeError.NotAuthorized, isHead: false);
            return;
        }

        if (bans.Find(_deviceId) is { } ban)
        {
            RefuseBanned(request, ban, identity.DeviceId);
            return;
        }

        if (ConnectsTooOften(request, identity, auth))
        {
            return;
        }

        if (services.Refuses(_deviceId, context))
        {
            if (IsToReport(Verdict.Draining, request, identity.DeviceId))
            {
                Report(HandshakeRecords.OfDrain(request, identity.DeviceId, context.RemoteEndPoint), isLogged: false);
            }

            Answer(HandshakeError.Draining, isHead: false);
            return;
        }

        DeflateTerms deflate = default;
        if (_deflateBits != 0)
        {
            DeflateOffer.TryRead(request, out deflate);
        }

        HandshakeResponse.WriteAccept(Output, request.WebSocketKey, deflate);
        _unflushed = true;
        services.Metrics.Upgraded.Increment();
        AudioFraming framing = identity.FromMqttGateway ? AudioFraming.MqttGateway : DeviceSession.FramingOf(identity.ProtocolVersion);
        SessionLanguage language = services.Sessions.LanguageOf(_deviceId, request.AcceptLanguage);
        Volatile.Write(ref _session, new DeviceSession(services.Sessions, this, framing, language));
        if (_isCounted)
        {
            services.Limits.Completed(SourceAddress);
        }

        Register(identity.DeviceSource);
    }

    private void Register(IdentitySource source)
    {
        long now = services.Clock.NowMs;
        Volatile.Write(ref _lastInboundMs, now);
        Volatile.Write(ref _openedMs, now);
        _identitySource = source;
        _phase = ConnectionPhase.Open;
        long handshakeDeadline = _phaseDeadlineMs;
        long helloDeadline = services.Echo ? Never : now + services.Timeouts.HelloMs;
        Volatile.Write(ref _phaseDeadlineMs, helloDeadline);
        if (Math.Min(helloDeadline - now, services.Timeouts.IdleMs) < handshakeDeadline - now)
        {
            services.Timers.Schedule(this);
        }

        RegistrationResult result = services.Registry.Register(this, out DeviceConnection? displaced);
        if (result is RegistrationResult.Full or RegistrationResult.Rejected)
        {
            services.Log.RegistrationFailed(_deviceId, result.ToString());
            FrameWriter.WriteMessage(Output, Opcode.Text, _session!.Texts.RegistrationFailed);
            TryEnd(result == RegistrationResult.Full ? ConnectionEndReason.RegistryFull : ConnectionEndReason.DuplicateRejected);
            ExpectEnd();
            BeginClose();
            return;
        }

        _registered = true;
        TraceConnected();
        displaced?.OnReplaced();
        OnRegistered();
        services.Webhooks?.Connected(_deviceId, _session!.SessionId, context.RemoteEndPoint);
        if (services.Log.IsEnabled(Microsoft.Extensions.Logging.LogLevel.Debug))
        {
            services.Log.Registered(context.ConnectionId, _deviceId, source.ToString(), _session!.SessionId);
        }
    }

    /// <summary>State of a request that has not arrived completely. Exists only until then.</summary>
    private sealed class HandshakeProgress
    {
        public HandshakeParser Parser;

        /// <summary>A PROXY header was consumed before the request.</summary>
        public bool IsAfterProxyHeader;
    }
}
