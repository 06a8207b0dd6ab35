using System.Buffers;
using System.IO.Pipelines;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Messages;
using FastGate.Transport.HandOver;
using FastGate.Transport.Input;

namespace FastGate.Connections;

/// <summary>
/// Input by calls, on a transport that offers it: the same steps as one round of <see cref="RunAsync"/>. A device has no task, and only while it is
/// served a pipe, from its accept on.
/// </summary>
internal partial class DeviceConnection
{
    /// <summary>The transport that calls with input. Any thread.</summary>
    private ICallingInput? CallingInput => Tls is null ? context.Find<ICallingInput>() : null;

    /// <summary>
    /// Pings in their usual spelling, which are all that most devices send most of the time, and single messages of sound, which are the rest: the same effects
    /// as those of <see cref="OnData"/>. Anything that is in progress, a trace, and signals take the longer way.
    /// </summary>
    int IInputHandler.TryAnswer(ReadOnlySpan<byte> input, Span<byte> output, long tickMs)
    {
        if (_phase != ConnectionPhase.Open || _assembly is not null || _finished || _leaving || Volatile.Read(ref _signals) != 0 || services.Traces is { IsOn: true })
        {
            return IInputHandler.NotTaken;
        }

        int messages = services.AnswersPingsAtOnce ? UsualPing.Count(input) : 0;
        int answer;
        if (messages > 0)
        {
            answer = AnswerPings(messages, output);
        }
        else if (TryTakeSound(input, output, out answer))
        {
            messages = 1;
        }
        else
        {
            return IInputHandler.NotTaken;
        }

        Volatile.Write(ref _lastInboundMs, services.Clock.At(tickMs));
        if (_phaseDeadlineMs != Never)
        {
            Volatile.Write(ref _phaseDeadlineMs, Never);
        }

        if (_isCounted)
        {
            PayInput(messages, input.Length);
        }

        return answer;
    }

    private int AnswerPings(int count, Span<byte> output)
    {
        ReadOnlySpan<byte> pong = GatewayMessageWriter.PongFrame;
        for (int i = 0; i < count; i++)
        {
            pong.CopyTo(output[(i * pong.Length)..]);
        }

        services.Metrics.TextReceived.Add(count);
        return count * pong.Length;
    }

    /// <summary>
    /// One whole binary frame: sound that the session hears without an answer, or what the echo returns. It is unmasked into the output, because the session
    /// may refuse it, and the input is then read as it came.
    /// </summary>
    private bool TryTakeSound(ReadOnlySpan<byte> input, Span<byte> output, out int answer)
    {
        answer = 0;
        if (FrameReader.TryRead(input, out FrameHeader header, out int size, out _) != OperationStatus.Done
            || header.Opcode != Opcode.Binary
            || !header.Fin
            || header.PayloadLength != input.Length - size
            || header.PayloadLength > services.LargestTakenAtOnce)
        {
            return false;
        }

        ReadOnlySpan<byte> masked = input[size..];
        if (services.Echo)
        {
            answer = FrameWriter.WriteHeader(output, Opcode.Binary, fin: true, masked.Length);
        }

        Span<byte> payload = output.Slice(answer, masked.Length);
        masked.CopyTo(payload);
        FrameMask.Apply(payload, header.MaskKey, 0);
        if (services.Echo)
        {
            answer += payload.Length;
        }
        else if (!_session!.TryHear(payload))
        {
            return false;
        }

        services.Metrics.BinaryReceived.Increment();
        return true;
    }

    Task? IInputHandler.OnInput(in ReadResult read)
    {
        try
        {
            Receive(read);
            ValueTask<FlushResult> flush = Flush();
            if (!flush.IsCompletedSuccessfully)
            {
                return RunAfterAsync(flush);
            }

            AfterFlush();
            return _finished || (_phase == ConnectionPhase.Handshaking && Tls is not null) ? RunAsync() : null;
        }
        catch (Exception exception)
        {
            Escape(exception);
            return Task.CompletedTask;
        }
    }

    void IInputHandler.OnInputFailed(Exception reason) => Escape(reason);

    /// <summary>
    /// The rest of the life after a flush that has begun. A method of its own: as a parameter of <see cref="RunAsync"/> the flush would stay in the state
    /// machine of each device whose transport does not call.
    /// </summary>
    private async Task RunAfterAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            ExpectWrite();
            await flush;
        }
        catch (Exception exception)
        {
            Escape(exception);
            return;
        }

        await RunAsync();
    }

    private void Escape(Exception exception)
    {
        OnEscaped(exception);
        Release();
    }

    /// <summary>Flushes what was written, if anything.</summary>
    private ValueTask<FlushResult> Flush()
    {
        if (!_unflushed || _leaving)
        {
            return default;
        }

        _unflushed = false;
        return Output.FlushAsync();
    }

    private void AfterFlush()
    {
        if (_callsAfterFlush)
        {
            _callsAfterFlush = false;
            _session!.AfterFlush();
        }
    }
}
