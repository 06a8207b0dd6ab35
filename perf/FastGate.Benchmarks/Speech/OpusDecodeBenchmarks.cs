using BenchmarkDotNet.Attributes;
using FastGate.Speech.Codec;

namespace FastGate.Benchmarks.Speech;

/// <summary>Decodes one packet of 60 ms at 16 kHz. Baseline: the managed codec, which is used where libopus is not installed.</summary>
public class OpusDecodeBenchmarks
{
    private const int SampleRate = 16_000;

    private readonly short[] _pcm = new short[SampleRate * 120 / 1000];
    private readonly byte[][] _packets = BenchmarkSound.Packets(OpusCodec.Best, SampleRate, 4);
    private readonly IOpusDecoder _best = OpusCodec.Best.CreateDecoder(SampleRate);
    private readonly IOpusDecoder _managed = new ConcentusCodec().CreateDecoder(SampleRate);
    private int _next;

    [Benchmark(Baseline = true)]
    public int Concentus() => _managed.Decode(_packets[_next++ % _packets.Length], _pcm);

    [Benchmark]
    public int FastGate() => _best.Decode(_packets[_next++ % _packets.Length], _pcm);
}
