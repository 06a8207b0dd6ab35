using System.Buffers;
using System.Net.WebSockets;
using BenchmarkDotNet.Attributes;
using FastGate.Benchmarks.Baselines;
using FastGate.Protocol.Framing;

namespace FastGate.Benchmarks.Framing;

/// <summary>Writes one frame as the server does. Baseline: the framework's WebSocket on a stream that completes at once.</summary>
public class FrameWriteBenchmarks
{
    private readonly ArrayBufferWriter<byte> _output = new(32 * 1024);
    private byte[] _payload = [];
    private WebSocket? _framework;

    [ParamsSource(nameof(SizeValues))]
    public int Size { get; set; }

    public static IEnumerable<int> SizeValues => [15, 240, 1024, 16 * 1024];

    [GlobalSetup]
    public void Setup()
    {
        _payload = new byte[Size];
        _framework = FrameworkSocket.Create(_payload);
    }

    [Benchmark(Baseline = true)]
    public void Framework() => FrameworkSocket.Send(_framework!, _payload, WebSocketMessageType.Binary);

    [Benchmark]
    public int FastGate()
    {
        _output.ResetWrittenCount();
        FrameWriter.WriteMessage(_output, Opcode.Binary, _payload);
        return _output.WrittenCount;
    }

    /// <summary>Writes a masked frame, as the simulated devices do.</summary>
    [Benchmark]
    public int FastGateMasked()
    {
        _output.ResetWrittenCount();
        FrameWriter.WriteMaskedMessage(_output, Opcode.Binary, _payload, Wire.MaskKey);
        return _output.WrittenCount;
    }
}
