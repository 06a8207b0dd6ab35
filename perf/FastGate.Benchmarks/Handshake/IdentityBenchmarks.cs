using System.Text;
using BenchmarkDotNet.Attributes;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace FastGate.Benchmarks.Handshake;

/// <summary>
/// Reads a device's identity from headers and query. Baseline: the minimum of a web framework's handler, which parses the query to strings,
/// converts the two headers to strings and takes the first value.
/// </summary>
public class IdentityBenchmarks
{
    private readonly byte[] _scratch = new byte[DeviceIdentity.ScratchLength(HandshakeLimits.Default)];
    private byte[] _bytes = [];
    private HandshakeParser _parser;

    [ParamsSource(nameof(RequestValues))]
    public string Request { get; set; } = "";

    public static IEnumerable<string> RequestValues => Captured.Requests;

    [GlobalSetup]
    public void Setup()
    {
        _bytes = Captured.Request(Request);
        _parser = new HandshakeParser(HandshakeLimits.Default);
        _parser.Parse(_bytes, out _);
    }

    [Benchmark(Baseline = true)]
    public int Strings()
    {
        HandshakeRequest request = _parser.GetRequest(_bytes);
        Dictionary<string, StringValues> query = QueryHelpers.ParseQuery(Encoding.Latin1.GetString(request.Query));
        string? device = Latin1(request.Header(KnownHeader.DeviceId))
            ?? (query.TryGetValue("device-id", out StringValues found) ? found.ToString() : null);
        string? client = Latin1(request.Header(KnownHeader.ClientId))
            ?? (query.TryGetValue("client-id", out found) ? found.ToString() : null);
        return (device?.Trim().ToLowerInvariant().Length ?? 0) + (client?.Trim().Length ?? 0);
    }

    [Benchmark]
    public int FastGate()
    {
        var identity = DeviceIdentity.Read(_parser.GetRequest(_bytes), _scratch, generated: 1);
        return identity.DeviceId.Length + identity.ClientId.Length;
    }

    private static string? Latin1(ReadOnlySpan<byte> value) => value.IsEmpty ? null : Encoding.Latin1.GetString(value);
}
