using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Sessions;
using FastGate.Transport.HandOver;
using FastGate.Transport.Input;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Connections;

/// <summary>Close phase: the first end reason wins, and every path to the end has a deadline.</summary>
internal partial class DeviceConnection
{
    /// <summary>Time between the notice to a replaced connection and its close; the notice names it.</summary>
    private const int RetireMs = 1_500;

    /// <summary>Stock firmware restarts when it has read this.</summary>
    private static readonly byte[] s_reboot = """{"type":"system","command":"reboot"}"""u8.ToArray();

    public void RequestClose(ConnectionEndReason reason)
    {
        if (TryEnd(reason))
        {
            ExpectEnd();
            Signal(ConnectionSignals.Close);
        }
    }

    /// <summary>Asks the device to restart, after which it asks OTA where to connect. Before <see cref="RequestClose"/>. Any thread.</summary>
    public void Reboot()
    {
        if (Session is { HelloSeen: true })
        {
            Post(new OutboundMessage(OutboundKind.Notice, s_reboot));
        }
    }

    /// <summary>Ends the connection without sending anything more. Any thread.</summary>
    public void Abort(ConnectionEndReason reason)
    {
        TryEnd(reason);
        context.Abort(new ConnectionAbortedException(reason.Tag()));
    }

    /// <summary>A newer connection has taken this device id, and this one has left the registry. Any thread.</summary>
    public void OnReplaced() => Signal(ConnectionSignals.Replaced);

    /// <remarks>
    /// A closed connection has no deadline. A thread that has set the end reason may call <see cref="ExpectEnd"/> after the loop has cancelled the
    /// entry; with a deadline, the entry would be scheduled again and fire at every tick.
    /// </remarks>
    protected internal override long NextDeadline
    {
        get
        {
            if (_phase == ConnectionPhase.Closed)
            {
                return Never;
            }

            long nearest = Math.Min(Volatile.Read(ref _phaseDeadlineMs), Volatile.Read(ref _writeDeadlineMs));
            nearest = Math.Min(nearest, Volatile.Read(ref _closeDeadlineMs));
            return _phase == ConnectionPhase.Open ? Math.Min(nearest, IdleDeadline()) : nearest;
        }
    }

    protected internal override void OnDeadline(long nowMs)
    {
        bool isPaused = Volatile.Read(ref _isPaused);
        if (nowMs >= Volatile.Read(ref _closeDeadlineMs))
        {
            Abort(EndReason);
        }
        else if (nowMs >= Volatile.Read(ref _writeDeadlineMs))
        {
            Abort(ConnectionEndReason.WriteTimeout);
        }
        else if (nowMs >= Volatile.Read(ref _phaseDeadlineMs) && isPaused)
        {
            Signal(ConnectionSignals.Resume);
        }
        else if (nowMs >= Volatile.Read(ref _phaseDeadlineMs))
        {
            RequestClose(_phase switch
            {
                ConnectionPhase.Handshaking => Tls is { IsOpen: false } ? ConnectionEndReason.TlsHandshakeTimeout : ConnectionEndReason.HandshakeTimeout,
                ConnectionPhase.Retiring => ConnectionEndReason.Replaced,
                _ => ConnectionEndReason.HelloTimeout,
            });
        }
        else if (_phase == ConnectionPhase.Open && nowMs >= IdleDeadline())
        {
            OnIdle(nowMs);
        }
    }

    /// <summary>Timer thread only, like <see cref="_warnedAtMs"/>. Any activity since the warning restarts the idle time.</summary>
    private long IdleDeadline()
    {
        ConnectionTimeouts timeouts = services.Timeouts;
        if (timeouts.IdleMs == Never)
        {
            _warnedAtMs = Never;
            return Never;
        }

        // While a write waits for the device, the write timeout applies, and the loop reads no messages.
        if (Volatile.Read(ref _writeDeadlineMs) != Never)
        {
            return Never;
        }

        long active = LastActivityMs;
        // Equal times count as activity after the warning: the clock is coarse, and a warning follows a silence.
        if (_warnedAtMs != Never && active >= _warnedAtMs)
        {
            _warnedAtMs = Never;
        }

        // A turn moves the deadline with the clock, so that its end needs no new arming: the entry is filed early enough.
        return _warnedAtMs != Never ? _warnedAtMs + timeouts.IdleGraceMs : (active == Never ? services.Clock.NowMs : active) + timeouts.IdleMs;
    }

    /// <summary>The last message of the device, or the end of its reply, whichever is later; <c>Never</c> during a turn.</summary>
    private long LastActivityMs => Math.Max(Volatile.Read(ref _lastInboundMs), Volatile.Read(ref _busyUntilMs));

    private void OnIdle(long nowMs)
    {
        if (_warnedAtMs == Never)
        {
            _warnedAtMs = nowMs;
            Signal(ConnectionSignals.IdleWarning);
        }
        else
        {
            RequestClose(ConnectionEndReason.IdleTimeout);
        }
    }

    private bool TryEnd(ConnectionEndReason reason) =>
        Interlocked.CompareExchange(ref _endReason, (int)reason, (int)ConnectionEndReason.None) == (int)ConnectionEndReason.None;

    private void ExpectEnd()
    {
        Volatile.Write(ref _closeDeadlineMs, services.Clock.NowMs + services.Timeouts.CloseMs);
        services.Timers.Schedule(this);
    }

    private void BeginRetiring()
    {
        _registered = false;
        _phase = ConnectionPhase.Retiring;
        WriteText(_session!.Texts.ReplacedNotice);
        Volatile.Write(ref _phaseDeadlineMs, services.Clock.NowMs + RetireMs);
        services.Timers.Schedule(this);
    }

    /// <summary>Sends the close frame for the end reason and waits for the peer's close until the close deadline.</summary>
    private void BeginClose() => BeginClose(CloseStatuses.Of(EndReason));

    private void BeginClose(CloseStatus status)
    {
        EnterClosing();
        FrameWriter.WriteClose(Output, status, default);
        TraceOutbound("close", 2);
    }

    /// <summary>
    /// The peer violated the protocol: sends pending output and the close frame, then ends the connection, because later input cannot be parsed as
    /// frames. The transport drains unread input before it closes, since a reset would destroy the close frame.
    /// </summary>
    private void Fail(FrameError error)
    {
        _finished = true;
        if (_phase == ConnectionPhase.Closing)
        {
            return;
        }

        services.Log.Violation(context.ConnectionId, _deviceId, error);
        TryEnd(CloseStatuses.ReasonOf(error.ToCloseStatus()));
        BeginClose(error.ToCloseStatus());
    }

    private void OnPeerClose(ReadOnlySpan<byte> payload)
    {
        if (_phase == ConnectionPhase.Closing)
        {
            _finished = true;
            return;
        }

        if (!ClosePayload.TryRead(payload, out CloseStatus status, out _, out FrameError error))
        {
            Fail(error);
            return;
        }

        TryEnd(ConnectionEndReason.PeerClosed);
        EnterClosing();
        FrameWriter.WriteClose(Output, status == CloseStatus.NoStatus ? CloseStatus.Normal : status, default);
        _finished = true;
        if (Tls is null)
        {
            // With TLS the peer still sends the end of its stream.
            context.Find<IFinishableInput>()?.FinishInput();
        }
    }

    private void EnterClosing()
    {
        EndPause();
        LeaveRegistry();
        _session?.End();
        _phase = ConnectionPhase.Closing;
        Volatile.Write(ref _phaseDeadlineMs, Never);
        _unflushed = true;
    }
}
