using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using FastGate.Benchmarks.Baselines;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Messages;

namespace FastGate.Benchmarks.Messages;

/// <summary>
/// Reads a ping frame and writes the pong frame: the work of an idle device. Baseline: the framework's WebSocket and JSON reader.
/// </summary>
public class PongBenchmarks
{
    private readonly byte[] _frame = Wire.Frame(Opcode.Text, Captured.Message(nameof(Captured.Ping)));
    private readonly byte[] _received = new byte[64];
    private readonly byte[] _pong = GatewayMessageWriter.Pong.ToArray();
    private readonly ArrayBufferWriter<byte> _output = new(256);
    private WebSocket? _framework;
    private MessageAssembler _assembler;

    [GlobalSetup]
    public void Setup() => _framework = FrameworkSocket.Create(_frame);

    [Benchmark(Baseline = true)]
    public int Framework()
    {
        int length = FrameworkSocket.Receive(_framework!, _received);
        var reader = new Utf8JsonReader(_received.AsSpan(0, length));
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("ping"u8))
            {
                FrameworkSocket.Send(_framework!, _pong, WebSocketMessageType.Text);
            }
        }

        return length;
    }

    [Benchmark]
    public int FastGate()
    {
        _frame.CopyTo(_received, 0);
        Span<byte> input = _received.AsSpan(0, _frame.Length);
        _assembler.Read(ref input, Wire.Limits, out AssembledMessage message);
        DeviceMessageReader.Read(message.Payload, out DeviceMessage device);
        _output.ResetWrittenCount();
        if (device.Type == DeviceMessageType.Ping)
        {
            _output.Write(GatewayMessageWriter.PongFrame);
        }

        return _output.WrittenCount;
    }
}
