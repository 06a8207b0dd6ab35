using System.Buffers;
using BenchmarkDotNet.Attributes;
using FastGate.Benchmarks.Baselines;
using FastGate.Protocol.Handshake;
using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;

namespace FastGate.Benchmarks.Handshake;

/// <summary>
/// Parses a whole request head. Baseline: Kestrel's parser on the same bytes with a handler that does nothing. FastGate's parser also
/// stores the positions of known headers; rules and identity are separate benchmarks.
/// </summary>
public class HandshakeParseBenchmarks
{
    private readonly HttpParser<NothingHandler> _kestrel = new();
    private byte[] _bytes = [];
    private ReadOnlySequence<byte> _sequence;

    [ParamsSource(nameof(RequestValues))]
    public string Request { get; set; } = "";

    public static IEnumerable<string> RequestValues => Captured.Requests;

    [GlobalSetup]
    public void Setup()
    {
        _bytes = Captured.Request(Request);
        _sequence = new ReadOnlySequence<byte>(_bytes);
    }

    [Benchmark(Baseline = true)]
    public long Kestrel()
    {
        var reader = new SequenceReader<byte>(_sequence);
        if (!_kestrel.ParseRequestLine(default, ref reader) || !_kestrel.ParseHeaders(default, ref reader))
        {
            throw new InvalidOperationException("The request was not whole.");
        }

        return reader.Consumed;
    }

    [Benchmark]
    public int FastGate()
    {
        var parser = new HandshakeParser(HandshakeLimits.Default);
        parser.Parse(_bytes, out int consumed);
        return consumed;
    }

    /// <summary>The same, with all rules of the RFC checked.</summary>
    [Benchmark]
    public HandshakeError FastGateWithRules()
    {
        var parser = new HandshakeParser(HandshakeLimits.Default);
        parser.Parse(_bytes, out _);
        return HandshakeRules.Check(parser.GetRequest(_bytes));
    }
}
