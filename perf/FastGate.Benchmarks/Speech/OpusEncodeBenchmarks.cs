using BenchmarkDotNet.Attributes;
using FastGate.Speech.Codec;

namespace FastGate.Benchmarks.Speech;

/// <summary>Encodes one frame of 60 ms at 24 kHz and 24 kbit/s. Baseline: the managed codec, which is used where libopus is not installed.</summary>
public class OpusEncodeBenchmarks
{
    private const int SampleRate = 24_000;
    private const int Frame = SampleRate * BenchmarkSound.FrameMs / 1000;

    private readonly byte[] _packet = new byte[IOpusEncoder.MaxPacket];
    private readonly short[] _sound = BenchmarkSound.Voice(SampleRate, 4);
    private IOpusEncoder? _best;
    private IOpusEncoder? _managed;
    private int _next;

    [ParamsSource(nameof(ComplexityValues))]
    public int Complexity { get; set; }

    public static IEnumerable<int> ComplexityValues => [0, 3, 9];

    [GlobalSetup]
    public void Setup()
    {
        _best = OpusCodec.Best.CreateEncoder(SampleRate, new OpusSettings(24_000, Complexity));
        _managed = new ConcentusCodec().CreateEncoder(SampleRate, new OpusSettings(24_000, Complexity));
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _best?.Dispose();
        _managed?.Dispose();
    }

    [Benchmark(Baseline = true)]
    public int Concentus() => _managed!.Encode(NextFrame(), _packet);

    [Benchmark]
    public int FastGate() => _best!.Encode(NextFrame(), _packet);

    private ReadOnlySpan<short> NextFrame() => _sound.AsSpan(_next++ % (_sound.Length / Frame) * Frame, Frame);
}
