using System.Net.WebSockets;
using BenchmarkDotNet.Attributes;
using FastGate.Benchmarks.Baselines;
using FastGate.Protocol.Framing;

namespace FastGate.Benchmarks.Framing;

/// <summary>
/// Reads one binary frame and unmasks it in place. Baseline: the framework's WebSocket on the same bytes. The kernel's copy of the payload
/// is excluded on both sides, because it can cost up to twenty times as much as the rest. Unmasking twice restores the masked payload, so
/// one frame is enough. 240 bytes are 60 ms of speech.
/// </summary>
public class FrameReadBenchmarks
{
    private byte[] _frame = [];
    private byte[] _message = [];
    private WebSocket? _framework;
    private MessageAssembler _assembler;

    [ParamsSource(nameof(SizeValues))]
    public int Size { get; set; }

    public static IEnumerable<int> SizeValues => [15, 240, 1024, 16 * 1024];

    [GlobalSetup]
    public void Setup()
    {
        _frame = Wire.Frame(Opcode.Binary, new byte[Size]);
        _message = new byte[Size];
        _framework = FrameworkSocket.Create(_frame, copied: _frame.Length - Size);
    }

    [Benchmark(Baseline = true)]
    public int Framework() => FrameworkSocket.Receive(_framework!, _message);

    [Benchmark]
    public int FastGate()
    {
        FrameReader.TryRead(_frame, out FrameHeader header, out int consumed, out _);
        FrameMask.Apply(_frame.AsSpan(consumed, (int)header.PayloadLength), header.MaskKey, 0);
        return consumed;
    }

    /// <summary>The same through the assembler, which also handles fragments, control frames and limits.</summary>
    [Benchmark]
    public int FastGateAssembler()
    {
        Span<byte> input = _frame;
        _assembler.Read(ref input, Wire.Limits, out AssembledMessage message);
        return message.Payload.Length;
    }
}
