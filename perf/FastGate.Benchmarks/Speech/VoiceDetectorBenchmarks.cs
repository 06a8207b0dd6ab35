using BenchmarkDotNet.Attributes;
using FastGate.Speech.Hearing;

namespace FastGate.Benchmarks.Speech;

/// <summary>
/// Judges one window of 32 ms of each of a number of devices. The Silero model is the file that FASTGATE_SILERO_MODEL names; without it its figure
/// is zero.
/// </summary>
public class VoiceDetectorBenchmarks
{
    private readonly EnergyDetector _energy = new();
    private SileroDetector? _silero;
    private VoiceStream[] _streams = [];

    [ParamsSource(nameof(BatchValues))]
    public int Batch { get; set; }

    public static IEnumerable<int> BatchValues => [1, 4, 16];

    [GlobalSetup]
    public void Setup()
    {
        string? model = Environment.GetEnvironmentVariable("FASTGATE_SILERO_MODEL");
        _silero = model is null ? null : new SileroDetector(model);
        short[] sound = BenchmarkSound.Voice(VoiceStream.SampleRate, 1);
        _streams = [.. Enumerable.Range(0, Batch).Select(_ => new VoiceStream())];
        for (int i = 0; i < Batch; i++)
        {
            sound.AsSpan(i * VoiceStream.Window, VoiceStream.Window).CopyTo(_streams[i].Samples);
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _silero?.Dispose();

    [Benchmark(Baseline = true)]
    public void Silero() => _silero?.Detect(_streams);

    [Benchmark]
    public float FastGateEnergy()
    {
        _energy.Detect(_streams);
        return _streams[0].Probability;
    }
}
