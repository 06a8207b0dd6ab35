using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using FastGate.Protocol.Framing;

namespace FastGate.Benchmarks.Framing;

/// <summary>
/// Unmasks in place. Baselines: a loop over eight bytes at a time, and the byte-by-byte loop that RFC 6455 section 5.3 defines.
/// FrameReadBenchmarks has the framework's WebSocket.
/// </summary>
public class UnmaskBenchmarks
{
    private byte[] _payload = [];

    [ParamsSource(nameof(SizeValues))]
    public int Size { get; set; }

    public static IEnumerable<int> SizeValues => [15, 240, 1024, 16 * 1024];

    [GlobalSetup]
    public void Setup() => _payload = new byte[Size];

    [Benchmark(Baseline = true)]
    public byte EightBytes()
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(_payload.AsSpan());
        for (int i = 0; i < words.Length; i++)
        {
            words[i] ^= Wire.MaskKey | ((ulong)Wire.MaskKey << 32);
        }

        for (int i = words.Length * sizeof(ulong); i < _payload.Length; i++)
        {
            _payload[i] ^= (byte)(Wire.MaskKey >> ((i & 3) * 8));
        }

        return _payload[0];
    }

    [Benchmark]
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
