using System.Net.WebSockets;
using BenchmarkDotNet.Attributes;
using FastGate.Benchmarks.Baselines;
using FastGate.Protocol.Framing;

namespace FastGate.Benchmarks.Framing;

/// <summary>
/// One binary frame read and unmasked, beside the framework's WebSocket on the same bytes. Both copy the frame once, as a socket read
/// does. 240 bytes are 60 ms of a device's speech.
/// </summary>
public class FrameReadBenchmarks
{
    private byte[] _frame = [];
    private byte[] _received = [];
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
        _received = new byte[_frame.Length];
        _message = new byte[Size];
        _framework = FrameworkSocket.Create(_frame);
    }

    [Benchmark(Baseline = true)]
    public int Framework() => FrameworkSocket.Receive(_framework!, _message);

    [Benchmark]
    public int FastGate()
    {
        _frame.AsSpan().CopyTo(_received);
        FrameReader.TryRead(_received, out var header, out var consumed, out _);
        FrameMask.Apply(_received.AsSpan(consumed, (int)header.PayloadLength), header.MaskKey, 0);
        return consumed;
    }

    /// <summary>The copy that both sides make, for telling what is left without it.</summary>
    [Benchmark]
    public void CopyAlone() => _frame.AsSpan().CopyTo(_received);

    /// <summary>The same through the assembler, which knows fragments, control frames between them, and the limits.</summary>
    [Benchmark]
    public int FastGateAssembler()
    {
        _frame.AsSpan().CopyTo(_received);
        Span<byte> input = _received;
        _assembler.Read(ref input, Wire.Limits, out var message);
        return message.Payload.Length;
    }
}
