using System.Net.WebSockets;
using BenchmarkDotNet.Attributes;
using FastGate.Benchmarks.Baselines;
using FastGate.Protocol.Framing;

namespace FastGate.Benchmarks.Framing;

/// <summary>
/// One binary frame read and unmasked where it lies, beside the framework's WebSocket on the same bytes. What the kernel does, laying the
/// payload into the buffer, is left out on both sides: a copy in its stead costs more than either, and up to twenty times as much, by how the two
/// buffers happen to lie. Unmasked again, a payload is masked again, so the same frame serves for ever. 240 bytes are 60 ms of a device's speech.
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

    /// <summary>The same through the assembler, which knows fragments, control frames between them, and the limits.</summary>
    [Benchmark]
    public int FastGateAssembler()
    {
        Span<byte> input = _frame;
        _assembler.Read(ref input, Wire.Limits, out AssembledMessage message);
        return message.Payload.Length;
    }
}
