using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Messages;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Connections;

/// <summary>How it ends: the first reason wins, and every way there has a deadline.</summary>
internal sealed partial class DeviceConnection
{
    /// <summary>What the notice to a replaced connection promises.</summary>
    private const int RetireMs = 1_500;

    public void RequestClose(ConnectionEndReason reason)
    {
        if (TryEnd(reason))
        {
            ExpectEnd();
            Signal(ConnectionSignals.Close);
        }
    }

    /// <summary>The hard end: nothing more is sent. Any thread.</summary>
    public void Abort(ConnectionEndReason reason)
    {
        TryEnd(reason);
        context.Abort(new ConnectionAbortedException(reason.Tag()));
    }

    /// <summary>A newer connection has taken this one's id; it has left the registry already. Any thread.</summary>
    public void OnReplaced() => Signal(ConnectionSignals.Replaced);

    /// <remarks>
    /// A connection that is over has none. Whoever won the right to end it may still be on the way to <see cref="ExpectEnd"/> when the loop
    /// has cancelled the entry: it would be filed once more and, its deadline never moving, fire at every tick for ever.
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
        if (nowMs >= Volatile.Read(ref _closeDeadlineMs))
        {
            Abort(EndReason);
        }
        else if (nowMs >= Volatile.Read(ref _writeDeadlineMs))
        {
            Abort(ConnectionEndReason.WriteTimeout);
        }
        else if (nowMs >= Volatile.Read(ref _phaseDeadlineMs))
        {
            RequestClose(_phase switch
            {
                ConnectionPhase.Handshaking => ConnectionEndReason.HandshakeTimeout,
                ConnectionPhase.Retiring => ConnectionEndReason.Replaced,
                _ => ConnectionEndReason.HelloTimeout,
            });
        }
        else if (_phase == ConnectionPhase.Open && nowMs >= IdleDeadline())
        {
            OnIdle(nowMs);
        }
    }

    /// <summary>Timer thread only, as is <see cref="_warnedAtMs"/>: any message since the warning starts the idle time over.</summary>
    private long IdleDeadline()
    {
        long heard = Volatile.Read(ref _lastInboundMs);
        // Equal is an answer too: the clock is coarse, and a warning is only given after a silence.
        if (_warnedAtMs != Never && heard >= _warnedAtMs)
        {
            _warnedAtMs = Never;
        }

        return _warnedAtMs == Never ? heard + door.IdleMs : _warnedAtMs + door.IdleGraceMs;
    }

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
        Volatile.Write(ref _closeDeadlineMs, door.Clock.NowMs + door.CloseMs);
        door.Timers.Schedule(this);
    }

    private void BeginRetiring()
    {
        _registered = false;
        _phase = ConnectionPhase.Retiring;
        WriteText(GatewayMessageWriter.ReplacedNotice);
        Volatile.Write(ref _phaseDeadlineMs, door.Clock.NowMs + RetireMs);
        door.Timers.Schedule(this);
    }

    /// <summary>Says goodbye for the reason that is set and waits for the peer's answer, at most until the close deadline.</summary>
    private void BeginClose() => BeginClose(CloseStatuses.Of(EndReason));

    private void BeginClose(CloseStatus status)
    {
        EnterClosing();
        FrameWriter.WriteClose(Output, status, default);
    }

    /// <summary>
    /// The peer broke the protocol: what is owed goes out with the close frame. What follows in the input cannot be trusted to be frames, so the
    /// connection ends here; the transport drains what is unread before it closes, or the frame just sent would be lost to a reset.
    /// </summary>
    private void Fail(FrameError error)
    {
        _finished = true;
        if (_phase == ConnectionPhase.Closing)
        {
            return;
        }

        door.Log.Violation(context.ConnectionId, _deviceId, error);
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
    }

    private void EnterClosing()
    {
        LeaveRegistry();
        _session?.End();
        _phase = ConnectionPhase.Closing;
        Volatile.Write(ref _phaseDeadlineMs, Never);
        _unflushed = true;
    }
}
