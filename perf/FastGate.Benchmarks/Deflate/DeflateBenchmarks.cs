using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using FastGate.Protocol.Deflate;

namespace FastGate.Benchmarks.Deflate;

/// <summary>Compresses a message. Baseline: the fastest level of zlib through the library's stream, a new one for each message, as no window is kept.</summary>
public class DeflateBenchmarks : DeflateMessageBenchmarks
{
    private readonly MemoryStream _stream = new();

    protected override void Prepare() => Console.WriteLine($"// {Message}: {Text.Length} bytes, compressed {FastGate()}, by the library {Library()}");

    [Benchmark(Baseline = true)]
    public long Library()
    {
        _stream.SetLength(0);
        using var deflate = new DeflateStream(_stream, CompressionLevel.Fastest, leaveOpen: true);
        deflate.Write(Text);
        deflate.Flush();
        return _stream.Length;
    }

    [Benchmark]
    public int FastGate() => Deflater.Deflate(Text, Output, Deflater.MaxWindowBits);
}
