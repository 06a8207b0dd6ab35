using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Messages;
using FastGate.Sessions;

namespace FastGate.Connections;

/// <summary>Messages out: straight from the loop, or from other threads through the queue and one wake-up.</summary>
internal sealed partial class DeviceConnection
{
    public void WriteText(ReadOnlySpan<byte> utf8)
    {
        FrameWriter.WriteMessage(Output, Opcode.Text, utf8, door.OutboundFrame);
        _unflushed = true;
    }

    public void WritePong()
    {
        ReadOnlySpan<byte> frame = GatewayMessageWriter.PongFrame;
        Span<byte> span = Output.GetSpan(frame.Length);
        frame.CopyTo(span);
        Output.Advance(frame.Length);
        _unflushed = true;
    }

    public void Post(OutboundMessage message)
    {
        if (_outbound.TryPush(message, door.OutboundBytes))
        {
            Signal(ConnectionSignals.Outbound);
        }
        else
        {
            RequestClose(ConnectionEndReason.SlowReader);
        }
    }

    /// <summary>
    /// Wakes the loop at most once for any number of requests: only who raises the first signal since the loop last took them all
    /// cancels its read. The exchange below and the one in <see cref="TakeSignals"/> are full fences: what was stored before is seen after.
    /// </summary>
    private void Signal(ConnectionSignals signal)
    {
        if (Interlocked.Or(ref _signals, (int)signal) == 0)
        {
            Input.CancelPendingRead();
        }
    }

    private void TakeSignals()
    {
        if (Volatile.Read(ref _signals) == 0)
        {
            return;
        }

        var signals = (ConnectionSignals)Interlocked.Exchange(ref _signals, 0);
        if (_finished || _phase is ConnectionPhase.Handshaking or ConnectionPhase.Closing)
        {
            // Before the 101 and after the close frame there is nobody to talk to; a close asked for meanwhile still counts.
            _finished |= _phase == ConnectionPhase.Handshaking && (signals & ConnectionSignals.Close) != 0;
            return;
        }

        if ((signals & ConnectionSignals.Outbound) != 0)
        {
            WriteQueued();
        }

        if ((signals & ConnectionSignals.IdleWarning) != 0 && !door.Echo)
        {
            WriteText(GatewayMessageWriter.TimeoutWarning);
        }

        if ((signals & ConnectionSignals.Replaced) != 0 && _phase == ConnectionPhase.Open)
        {
            BeginRetiring();
        }

        // Also asked by what has just been written: the end of a last turn.
        if (EndReason != ConnectionEndReason.None)
        {
            BeginClose();
        }
    }

    private void WriteQueued()
    {
        for (OutboundMessage? message = _outbound.TakeAll(); message is not null; message = message.Next)
        {
            if (!_session!.IsCurrent(message))
            {
                door.Metrics.StaleDropped.Increment();
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
                default:
                    WriteText(message.Payload);
                    break;
            }
        }
    }

    /// <summary>The kernel did not take it all: from now on the peer has the write timeout to make room.</summary>
    private void ExpectWrite()
    {
        Volatile.Write(ref _writeDeadlineMs, door.Clock.NowMs + door.WriteMs);
        door.Timers.Schedule(this);
    }
}
