using System.Buffers;
using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using FastGate.Protocol.Deflate;

namespace FastGate.Benchmarks.Deflate;

/// <summary>Decompresses a message that zlib has compressed. Baseline: zlib through the library's stream, a new one for each message, as no window is kept.</summary>
public class InflateBenchmarks : DeflateMessageBenchmarks
{
    private byte[] _withTail = [];

    protected override void Prepare() => _withTail = [.. Payload, 0x00, 0x00, 0xFF, 0xFF];

    [Benchmark(Baseline = true)]
    public int Library()
    {
        using var stream = new DeflateStream(new MemoryStream(_withTail), CompressionMode.Decompress);
        return stream.ReadAtLeast(Output, Output.Length);
    }

    [Benchmark]
    public int FastGate()
    {
        Inflater.Inflate(Payload, 1 << 20, out byte[] buffer, out int length);
        ArrayPool<byte>.Shared.Return(buffer);
        return length;
    }
}
