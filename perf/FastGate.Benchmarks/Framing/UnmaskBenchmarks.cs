using BenchmarkDotNet.Attributes;
using FastGate.Protocol.Framing;

namespace FastGate.Benchmarks.Framing;

/// <summary>Unmasking in place, beside the byte-by-byte loop of RFC 6455 section 5.3 that defines it.</summary>
public class UnmaskBenchmarks
{
    private byte[] _payload = [];

    [ParamsSource(nameof(SizeValues))]
    public int Size { get; set; }

    public static IEnumerable<int> SizeValues => [15, 240, 1024, 16 * 1024];

    [GlobalSetup]
    public void Setup() => _payload = new byte[Size];

    [Benchmark(Baseline = true)]
    public byte Scalar()
    {
        FrameMask.ApplyScalar(_payload, Wire.MaskKey, 0);
        return _payload[0];
    }

    [Benchmark]
    public byte FastGate()
    {
        FrameMask.Apply(_payload, Wire.MaskKey, 0);
        return _payload[0];
    }
}
