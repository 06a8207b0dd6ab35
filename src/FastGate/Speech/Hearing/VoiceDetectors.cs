using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace FastGate.Speech.Hearing;

/// <summary>Creates the detectors of the speech workers: Silero where its model is configured and runs, else the embedded one.</summary>
internal sealed class VoiceDetectors(string? model, ILogger logger)
{
    private int _warned;

    /// <summary>The name of the detector in use, for the log and the API.</summary>
    public string Description => model is null ? "energy"
        : Volatile.Read(ref _warned) == 0 ? $"silero ({model})"
        : $"energy, because the model {model} cannot be used";

    /// <summary>Loads the configured model. Throws <see cref="IOException"/> when it cannot be used.</summary>
    public void Check()
    {
        (Create() as IDisposable)?.Dispose();
        if (Volatile.Read(ref _warned) != 0)
        {
            throw new IOException($"the voice model {model} cannot be used");
        }
    }

    public IVoiceDetector Create()
    {
        if (model is null)
        {
            return new EnergyDetector();
        }

        try
        {
            return new SileroDetector(model);
        }
        catch (Exception exception) when (exception is OnnxRuntimeException or DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            if (Interlocked.Exchange(ref _warned, 1) == 0)
            {
                logger.VoiceModelUnusable(model, exception.Message);
            }

            return new EnergyDetector();
        }
    }
}
