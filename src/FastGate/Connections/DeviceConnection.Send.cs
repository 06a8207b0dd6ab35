using System.Buffers;
using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Messages;
using FastGate.Sessions;
using FastGate.Transport.Output;

namespace FastGate.Connections;

/// <summary>Send direction: messages from the loop directly, and from other threads through the queue and one wake-up.</summary>
internal partial class DeviceConnection
{
    /// <summary>Older sound is dropped when a slow device reads again: it continues with what is due now.</summary>
    private const int LatestAudioMs = 1_000;

    /// <summary>Bytes from which on a message is sent without a copy.</summary>
    public const int LargeMessage = 8 * 1024;

    public void WriteText(ReadOnlySpan<byte> utf8)
    {
        if (_deflateBits == 0 || utf8.Length < services.DeflateFrom || !TryWriteCompressed(utf8))
        {
            WriteMessage(Opcode.Text, utf8, services.OutboundFrame);
        }

        _unflushed = true;
        TraceOutbound(utf8);
    }

    public void WritePong()
    {
        ReadOnlySpan<byte> frame = GatewayMessageWriter.PongFrame;
        Span<byte> span = Output.GetSpan(frame.Length);
        frame.CopyTo(span);
        Output.Advance(frame.Length);
        _unflushed = true;
        TraceOutbound("pong", frame.Length);
    }

    public void Post(OutboundMessage message)
    {
        if (_outbound.TryPush(message, services.OutboundBytes))
        {
            Signal(ConnectionSignals.Outbound);
        }
        else
        {
            RequestClose(ConnectionEndReason.SlowReader);
        }
    }

    public void BusyFor(long milliseconds)
    {
        long before = _busyUntilMs;
        long until = milliseconds == IDeviceOutbound.UntilTurnEnds ? Never : services.Clock.NowMs + milliseconds;
        Volatile.Write(ref _busyUntilMs, until);
        if (until < before && before != Never)
        {
            services.Timers.Schedule(this);
        }
    }

    public bool PostAudio(OutboundMessage message)
    {
        message.QueuedMs = services.Clock.NowMs;
        bool pushed = _outbound.TryPush(message, services.OutboundBytes / 2);
        if (pushed)
        {
            Signal(ConnectionSignals.Outbound);
        }

        return pushed;
    }

    /// <summary>
    /// Wakes the loop once for any number of requests: only the caller that raises the first signal after the loop has taken them cancels the
    /// read. The interlocked operations here and in <see cref="TakeSignals"/> are full fences: stores before the one are seen after the other.
    /// </summary>
    private void Signal(ConnectionSignals signal)
    {
        if (Interlocked.Or(ref _signals, (int)signal) == 0)
        {
            if (CallingInput is { } input)
            {
                input.CancelPendingRead();
            }
            else
            {
                Input.CancelPendingRead();
            }
        }
    }

    private void TakeSignals()
    {
        if (Volatile.Read(ref _signals) == 0)
        {
            return;
        }

        var signals = (ConnectionSignals)Interlocked.Exchange(ref _signals, 0);
        if ((signals & ~(ConnectionSignals.Outbound | ConnectionSignals.IdleWarning)) != 0)
        {
            EndPause();
        }

        if (_finished || _phase is ConnectionPhase.Handshaking or ConnectionPhase.Closing)
        {
            // Send no message before the 101 or after the close frame; a requested close is still carried out.
            _finished |= _phase == ConnectionPhase.Handshaking && (signals & ConnectionSignals.Close) != 0;
            TakeHandOver(signals);
            return;
        }

        if ((signals & ConnectionSignals.Outbound) != 0)
        {
            WriteQueued();
        }

        // Activity may have come since the timer raised the signal.
        if ((signals & ConnectionSignals.IdleWarning) != 0 && !services.Echo && services.Clock.NowMs - LastActivityMs >= services.Timeouts.IdleMs)
        {
            WriteText(_session!.Texts.TimeoutWarning);
        }

        if ((signals & ConnectionSignals.Replaced) != 0 && _phase == ConnectionPhase.Open)
        {
            BeginRetiring();
        }

        if ((signals & ConnectionSignals.CutTurn) != 0)
        {
            _session!.CutTurn();
        }

        // The messages just written may have requested the close: the end of a last turn.
        if (EndReason == ConnectionEndReason.MemoryPressure)
        {
            EndUnfinished();
        }
        else if (EndReason != ConnectionEndReason.None)
        {
            BeginClose();
        }

        TakeHandOver(signals);
    }

    /// <summary>A large message leaves from where it is; the copy would cost more than the system call that is shared otherwise.</summary>
    private void WriteMessage(Opcode opcode, ReadOnlySpan<byte> payload, int maxFragment = 0)
    {
        if (payload.Length < LargeMessage || maxFragment != 0 || _leaving || Output is not ILargeOutput output)
        {
            FrameWriter.WriteMessage(Output, opcode, payload, maxFragment);
            return;
        }

        Span<byte> header = Output.GetSpan(FrameHeader.MaxUnmaskedSize);
        Output.Advance(FrameWriter.WriteHeader(header, opcode, fin: true, payload.Length));
        Output.Write(payload[output.SendNow(payload)..]);
    }

    private void WriteQueued()
    {
        for (OutboundMessage? message = _outbound.TakeAll(); message is not null; message = message.Next)
        {
            if (!_session!.IsCurrent(message))
            {
                services.Metrics.StaleDropped.Increment();
                continue;
            }

            switch (message.Kind)
            {
                case OutboundKind.TurnEnd:
                    _session.OnTurnEnd(message);
                    break;
                case OutboundKind.TurnStart:
                    _session.OnTurnStarted();
                    WriteText(message.Payload);
                    break;
                case OutboundKind.Audio when services.Clock.NowMs - message.QueuedMs > LatestAudioMs:
                    _session.OnFrameLate();
                    break;
                case OutboundKind.Audio:
                    WriteMessage(Opcode.Binary, message.Payload);
                    _unflushed = true;
                    TraceOutbound("binary", message.Payload.Length);
                    break;
                case OutboundKind.Alert:
                    _session.OnAlert(message.Payload);
                    break;
                case OutboundKind.Line:
                    _session.OnLine(message.Payload);
                    break;
                case OutboundKind.Heard:
                    _session!.OnHeard(message.Hearing!);
                    break;
                case OutboundKind.Mark:
                    ((OutboundMark)message).Complete(reached: true);
                    break;
                default:
                    WriteText(message.Payload);
                    break;
            }
        }
    }

    /// <summary>Starts the write timeout, because the kernel has not accepted all bytes. One that an earlier owner of the socket has begun continues.</summary>
    private void ExpectWrite()
    {
        if (_writeDeadlineMs != Never)
        {
            return;
        }

        Volatile.Write(ref _writeDeadlineMs, services.Clock.NowMs + services.Timeouts.WriteMs);
        services.Timers.Schedule(this);
    }

    /// <summary>A write that had to wait has ended: the device has taken bytes, so the idle time starts again.</summary>
    private void OnWritten()
    {
        if (IsAskedToLeave)
        {
            // The flush was cancelled for it, and the bytes may still wait.
            return;
        }

        Volatile.Write(ref _busyUntilMs, Math.Max(_busyUntilMs, services.Clock.NowMs));
        Volatile.Write(ref _writeDeadlineMs, Never);
        services.Timers.Schedule(this);
    }
}
