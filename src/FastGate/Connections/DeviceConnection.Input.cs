using System.IO.Pipelines;
using FastGate.Transport.Input;

namespace FastGate.Connections;

/// <summary>Input by calls: after the handshake, on a transport that offers it. The same steps as one round of <see cref="RunAsync"/>.</summary>
internal partial class DeviceConnection
{
    Task? IInputHandler.OnInput(in ReadResult read)
    {
        try
        {
            ReceiveFrames(read);
            ValueTask<FlushResult> flush = Flush();
            if (!flush.IsCompletedSuccessfully)
            {
                return RunAsync(flush);
            }

            AfterFlush();
            return _finished ? RunAsync() : null;
        }
        catch (Exception exception)
        {
            OnEscaped(exception);
            Release();
            return Task.CompletedTask;
        }
    }

    void IInputHandler.OnInputFailed(Exception reason)
    {
        OnEscaped(reason);
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
