using System.IO.Pipelines;
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
    /// Pings in their usual spelling, which are all that most devices send most of the time: the same effects as those of <see cref="OnData"/>. Anything that
    /// is in progress, a trace, and signals take the longer way.
    /// </summary>
    int IInputHandler.TryAnswer(ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (_phase != ConnectionPhase.Open || _assembly is not null || _finished || _leaving || !services.AnswersPingsAtOnce || Volatile.Read(ref _signals) != 0
            || services.Traces is { IsOn: true })
        {
            return 0;
        }

        int pings = UsualPing.Count(input);
        ReadOnlySpan<byte> pong = GatewayMessageWriter.PongFrame;
        for (int i = 0; i < pings; i++)
        {
            pong.CopyTo(output[(i * pong.Length)..]);
        }

        if (pings > 0)
        {
            services.Metrics.TextReceived.Add(pings);
            Volatile.Write(ref _lastInboundMs, services.Clock.NowMs);
            if (_phaseDeadlineMs != Never)
            {
                Volatile.Write(ref _phaseDeadlineMs, Never);
            }

            if (_isCounted)
            {
                PayInput(pings, input.Length);
            }
        }

        return pings * pong.Length;
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
