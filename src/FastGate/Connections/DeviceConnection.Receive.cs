using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Messages;
using FastGate.Sessions;

namespace FastGate.Connections;

/// <summary>Receive direction: the request, then frames.</summary>
internal partial class DeviceConnection
{
    private void Receive(in ReadResult read)
    {
        if (_phase == ConnectionPhase.Handshaking)
        {
            ReceiveRequest(read);
        }
        else
        {
            ReceiveFrames(read);
        }
    }

    /// <summary>Handles the received bytes before the signals of other threads, so that an interruption precedes the messages that it makes stale.</summary>
    private void ReceiveFrames(in ReadResult read)
    {
        ReadOnlySequence<byte> buffer = read.Buffer;
        int messages = ReceiveFrames(buffer);
        Input.AdvanceTo(buffer.End);
        if (_isCounted)
        {
            PayInput(messages, buffer.Length);
        }

        TakeSignals();
        if (read.IsCompleted && !_finished)
        {
            // Stock devices leave without a close frame: this is a normal end.
            TryEnd(ConnectionEndReason.PeerVanished);
            _finished = true;
        }
    }

    /// <returns>The number of messages.</returns>
    private int ReceiveFrames(in ReadOnlySequence<byte> buffer)
    {
        if (buffer.IsSingleSegment)
        {
            return ReceiveFrames(Writable(buffer.First));
        }

        int messages = 0;
        foreach (ReadOnlyMemory<byte> segment in buffer)
        {
            if (_leaving)
            {
                KeepUnread(segment.Span);
            }
            else
            {
                messages += ReceiveFrames(Writable(segment));
            }
        }

        return messages;
    }

    /// <summary>Unmasks payloads in place: the buffer belongs to the reader until it advances.</summary>
    private static Span<byte> Writable(ReadOnlyMemory<byte> segment) => MemoryMarshal.AsMemory(segment).Span;

    private int ReceiveFrames(Span<byte> input)
    {
        int messages = 0;
        _assembly ??= MessageAssembly.Rent();
        ref MessageAssembler assembler = ref _assembly.Messages;
        AssembledMessage message = default;
        // Loop until it needs more data: only then has the assembler returned the buffer of a fragmented message.
        while (!_finished)
        {
            OperationStatus status = assembler.Read(ref input, MessageLimits, out message);
            if (status == OperationStatus.NeedMoreData)
            {
                break;
            }

            if (status == OperationStatus.InvalidData)
            {
                Fail(assembler.Error);
                break;
            }

            messages++;
            OnMessage(message);
        }

        if (messages > 0)
        {
            Volatile.Write(ref _lastInboundMs, services.Clock.NowMs);
        }

        if (_leaving)
        {
            Defer(message, input);
        }
        else if (!assembler.IsInProgress)
        {
            ReturnAssembly();
        }
        else if (!_finished && !TryKeepUnfinished())
        {
            TryEnd(ConnectionEndReason.MemoryPressure);
            EndUnfinished();
        }

        return messages;
    }

    /// <summary>Counts the incomplete message. False when the memory for all of them is used up.</summary>
    private bool TryKeepUnfinished()
    {
        MessageAssembly assembly = _assembly!;
        if (assembly.Counted == 0)
        {
            assembly.SinceMs = services.Clock.NowMs;
        }

        return services.Unfinished.TryChange(ref assembly.Counted, assembly.Messages.RentedBytes);
    }

    /// <summary>Returns the memory at once. What the device sends afterwards is the rest of a message, so it is not read.</summary>
    private void EndUnfinished()
    {
        _finished = true;
        ReturnAssembly();
        if (_phase is ConnectionPhase.Open or ConnectionPhase.Retiring)
        {
            BeginClose();
        }
    }

    private void ReturnAssembly()
    {
        if (_assembly is { } assembly)
        {
            _assembly = null;
            services.Unfinished.TryChange(ref assembly.Counted, 0);
            MessageAssembly.Return(assembly);
        }
    }

    private void OnMessage(in AssembledMessage message)
    {
        if (_phase == ConnectionPhase.Closing && message.Opcode != Opcode.Close)
        {
            return;
        }

        if (message.IsCompressed)
        {
            OnCompressed(message);
            return;
        }

        TraceInbound(message);
        switch (message.Opcode)
        {
            case Opcode.Text:
                services.Metrics.TextReceived.Increment();
                OnData(message);
                break;
            case Opcode.Binary:
                services.Metrics.BinaryReceived.Increment();
                OnData(message);
                break;
            case Opcode.Ping:
                FrameWriter.WriteMessage(Output, Opcode.Pong, message.Payload);
                _unflushed = true;
                TraceOutbound("pong", message.Payload.Length);
                break;
            case Opcode.Close:
                OnPeerClose(message.Payload);
                break;
        }
    }

    private void OnData(in AssembledMessage message)
    {
        bool valid;
        if (services.Echo)
        {
            valid = true;
            if (message.Opcode == Opcode.Text)
            {
                WriteText(message.Payload);
            }
            else
            {
                WriteMessage(Opcode.Binary, message.Payload);
                _unflushed = true;
            }
        }
        else if (message.Opcode == Opcode.Text && message.Payload.SequenceEqual(UsualPing.Message))
        {
            // Without the session, whose memory an idle device does not touch otherwise.
            valid = true;
            WritePong();
        }
        else
        {
            DeviceSession session = _session!;
            valid = message.Opcode == Opcode.Text ? session.OnText(message.Payload) : session.OnBinary(message.Payload);
            _callsAfterFlush = session.WantsAfterFlush;
        }

        if (valid && _phase == ConnectionPhase.Open && _phaseDeadlineMs != Never && !_isPaused)
        {
            Volatile.Write(ref _phaseDeadlineMs, Never);
        }
    }
}
