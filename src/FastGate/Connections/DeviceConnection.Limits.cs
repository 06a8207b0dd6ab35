using FastGate.Auth;
using FastGate.Diagnostics;
using FastGate.Flight;
using FastGate.Limits;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;
using FastGate.Transport.HandOver;
using FastGate.Transport.Input;

namespace FastGate.Connections;

/// <summary>Limits: what the connection counts for its address, how often its device connects, and how much it sends.</summary>
internal partial class DeviceConnection
{
    /// <summary>How long a device without a token waits that connects too often.</summary>
    private const int RetryAfterSeconds = 30;

    /// <summary>Before the first read.</summary>
    private void Count() => _isCounted = services.Limits.Opened(SourceAddress, isPending: _session is null);

    /// <summary>
    /// A refused handshake counts against its address, unless the server was the cause or it was a plain request, as of a health check. So does a part of a
    /// request whose client then leaves: devices send theirs at once.
    /// </summary>
    private void Uncount()
    {
        if (!_isCounted)
        {
            return;
        }

        UInt128 address = SourceAddress;
        services.Limits.Closed(address, isPending: _session is null);
        if (_session is not null)
        {
            return;
        }

        bool hasLeft = EndReason is ConnectionEndReason.PeerVanished or ConnectionEndReason.PeerReset;
        if (hasLeft)
        {
            services.Limits.LeftWithoutRequest(address);
        }

        if ((hasLeft && _handshake is not null)
            || EndReason is ConnectionEndReason.HandshakeRefused or ConnectionEndReason.NotAuthorized or ConnectionEndReason.HandshakeTimeout
                or ConnectionEndReason.Banned or ConnectionEndReason.TlsHandshakeFailed or ConnectionEndReason.TlsHandshakeTimeout)
        {
            services.Limits.Failed(address);
        }
    }

    /// <summary>
    /// True when the address of a client behind a trusted proxy has too many connections or connects. The address is known only with the request: the
    /// transport has asked for any other one.
    /// </summary>
    private bool IsOverLimit(in HandshakeRequest request)
    {
        if (_isCounted)
        {
            return false;
        }

        if (services.Limits.Admits(SourceAddress))
        {
            Count();
            return false;
        }

        if (IsToReport(Verdict.AddressLimited, request, default))
        {
            Report(HandshakeRecords.OfTooOften(request, Verdict.AddressLimited, default, context.RemoteEndPoint), isLogged: true);
        }

        Answer(HandshakeError.TooManyConnects, isHead: false, retryAfterSeconds: RetryAfterSeconds);
        return true;
    }

    /// <summary>True when the device connects too often, and has been answered so. An automatic id is new each time.</summary>
    private bool ConnectsTooOften(in HandshakeRequest request, in DeviceIdentity identity, AuthResult auth)
    {
        if (identity.IsGenerated
            || services.Limits.TryConnect(identity.DeviceId, SourceAddress, isAuthenticated: auth == AuthResult.DeviceToken))
        {
            return false;
        }

        if (IsToReport(Verdict.ConnectsTooOften, request, identity.DeviceId))
        {
            Report(HandshakeRecords.OfTooOften(request, Verdict.ConnectsTooOften, identity.DeviceId, context.RemoteEndPoint), isLogged: true);
        }

        Answer(HandshakeError.TooManyConnects, isHead: false, retryAfterSeconds: RetryAfterSeconds);
        return true;
    }

    /// <summary>Pays for what one read has brought. Beyond its rate the connection is read no more for a while, and is closed when that has not helped.</summary>
    private void PayInput(int messages, long bytes)
    {
        InputRate rate = services.Limits.Settings.Input;
        if (rate.IsOff || _finished || _phase != ConnectionPhase.Open)
        {
            return;
        }

        // A read with a message has stored its time.
        int pauseMs = rate.Pay(ref _inputPaid, messages, bytes, messages > 0 ? _lastInboundMs : services.Clock.NowMs);
        if (pauseMs < 0)
        {
            _pauses = 0;
        }
        else if (pauseMs > 0 && !_isPaused)
        {
            PauseInput(pauseMs);
        }
    }

    /// <summary>The hello's deadline, or a transport that cannot pause, leaves only the close.</summary>
    private void PauseInput(int pauseMs)
    {
        if (_pauses == InputRate.MostPauses || _phaseDeadlineMs != Never || context.Find<IPausableInput>() is not { } input)
        {
            services.Log.SendsTooMuch(_deviceId, context.RemoteEndPoint);
            RequestClose(ConnectionEndReason.SendsTooMuch);
            return;
        }

        _pauses++;
        services.Limits.CountPause();
        input.PauseInput();

        // In this order: the timer thread reads the flag first, and must not take the end of the pause for that of the phase.
        Volatile.Write(ref _isPaused, true);
        Volatile.Write(ref _phaseDeadlineMs, services.Clock.NowMs + pauseMs);
        services.Timers.Schedule(this);
    }

    /// <summary>Loop only. In the opposite order of <see cref="PauseInput"/>.</summary>
    private void EndPause()
    {
        if (_isPaused)
        {
            Volatile.Write(ref _phaseDeadlineMs, Never);
            Volatile.Write(ref _isPaused, false);
            context.Find<IPausableInput>()!.ResumeInput();
        }
    }
}
