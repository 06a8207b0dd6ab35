using System.Buffers;
using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using FastGate.Protocol.Deflate;

namespace FastGate.Benchmarks.Deflate;

/// <summary>Decompresses a message that zlib has compressed. Baseline: zlib through the library's stream, a new one for each message, as no window is kept.</summary>
public class InflateBenchmarks
{
    private byte[] _payload = [];
    private byte[] _withTail = [];
    private byte[] _output = [];

    [ParamsSource(nameof(MessageValues))]
    public string Message { get; set; } = "";

    public static IEnumerable<string> MessageValues => DeflateMessages.Names;

    [GlobalSetup]
    public void Setup()
    {
        _payload = DeflateMessages.Payload(Message);
        _withTail = [.. _payload, 0x00, 0x00, 0xFF, 0xFF];
        _output = new byte[DeflateMessages.Text(Message).Length];
    }

    [Benchmark(Baseline = true)]
    public int Library()
    {
        using var stream = new DeflateStream(new MemoryStream(_withTail), CompressionMode.Decompress);
        return stream.ReadAtLeast(_output, _output.Length);
    }

    [Benchmark]
    public int FastGate()
    {
        Inflater.Inflate(_payload, 1 << 20, out byte[] buffer, out int length);
        ArrayPool<byte>.Shared.Return(buffer);
        return length;
    }
}
