using System.IO.Compression;
using BenchmarkDotNet.Attributes;
using FastGate.Protocol.Deflate;

namespace FastGate.Benchmarks.Deflate;

/// <summary>Compresses a message. Baseline: the fastest level of zlib through the library's stream, a new one for each message, as no window is kept.</summary>
public class DeflateBenchmarks
{
    private readonly MemoryStream _stream = new();
    private byte[] _message = [];
    private byte[] _output = [];

    [ParamsSource(nameof(MessageValues))]
    public string Message { get; set; } = "";

    public static IEnumerable<string> MessageValues => DeflateMessages.Names;

    [GlobalSetup]
    public void Setup()
    {
        _message = DeflateMessages.Text(Message);
        _output = new byte[_message.Length];
        Console.WriteLine($"// {Message}: {_message.Length} bytes, compressed {FastGate()}, by the library {Library()}");
    }

    [Benchmark(Baseline = true)]
    public long Library()
    {
        _stream.SetLength(0);
        using var deflate = new DeflateStream(_stream, CompressionLevel.Fastest, leaveOpen: true);
        deflate.Write(_message);
        deflate.Flush();
        return _stream.Length;
    }

    [Benchmark]
    public int FastGate() => Deflater.Deflate(_message, _output, Deflater.MaxWindowBits);
}
