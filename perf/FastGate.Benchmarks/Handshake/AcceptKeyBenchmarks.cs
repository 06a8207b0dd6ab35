using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using FastGate.Protocol.Handshake;

namespace FastGate.Benchmarks.Handshake;

/// <summary>The answer to a client's key (RFC 6455 section 4.2.2). Baseline: the three library calls that compute it.</summary>
public class AcceptKeyBenchmarks
{
    private readonly byte[] _key = Encoding.Latin1.GetBytes(Captured.WebSocketKey);
    private readonly byte[] _accept = new byte[HandshakeResponse.AcceptKeyLength];

    [Benchmark(Baseline = true)]
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 says SHA-1; nothing is kept secret by it.")]
    public string Library() =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(Captured.WebSocketKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));

    [Benchmark]
    public byte FastGate()
    {
        HandshakeResponse.WriteAcceptKey(_key, _accept);
        return _accept[0];
    }
}
