using System.Net.WebSockets;
using BenchmarkDotNet.Attributes;
using FastGate.Benchmarks.Baselines;
using FastGate.Connections;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Messages;
using FastGate.Testing;
using FastGate.Testing.Lean;

namespace FastGate.Benchmarks.Connections;

/// <summary>
/// The whole path in memory: the real handler with session, registry and timers on a connection without a socket. Baseline: the framework's
/// WebSocket, which only answers, without identity, registry, timeouts or session.
/// </summary>
public class RoadBenchmarks
{
    private readonly byte[] _request = Captured.Request("Firmware");
    private readonly byte[] _hello = Wire.Frame(Opcode.Text, Captured.Message("Hello"));
    private readonly byte[] _ping = Wire.Frame(Opcode.Text, Captured.Message(nameof(Captured.Ping)));
    private readonly byte[] _pong = GatewayMessageWriter.Pong.ToArray();
    private readonly byte[] _received = new byte[1024];
    private readonly LeanLoop _loop = new();
    private ConnectionHarness? _harness;
    private DeviceConnectionHandler? _handler;
    private LeanConnection? _device;
    private WebSocket? _framework;

    [GlobalSetup]
    public void Setup()
    {
        _harness = new ConnectionHarness();
        _handler = new DeviceConnectionHandler(_harness.Services);
        _device = new LeanConnection(_loop);
        _ = _handler.OnConnectedAsync(_device);
        _device.Deliver(Captured.Request(1));
        _device.Deliver(_hello);
        _framework = FrameworkSocket.Create(_ping);
    }

    [Benchmark(Baseline = true)]
    public int Framework()
    {
        int length = FrameworkSocket.Receive(_framework!, _received);
        FrameworkSocket.Send(_framework!, _pong, WebSocketMessageType.Text);
        return length;
    }

    [Benchmark]
    public long FastGatePing()
    {
        _device!.Deliver(_ping);
        return _loop.SentBytes;
    }

    /// <summary>A connection's lifetime: accept, upgrade, identify, register, answer hello, end.</summary>
    [Benchmark]
    public bool FastGateLife()
    {
        var connection = new LeanConnection(_loop);
        Task life = _handler!.OnConnectedAsync(connection);
        connection.Deliver(_request);
        connection.Deliver(_hello);
        connection.End();
        return life.IsCompleted;
    }

    [GlobalCleanup]
    public void Cleanup() => _harness?.Dispose();
}
