using System.Text;
using System.Text.Unicode;
using BenchmarkDotNet.Attributes;
using FastGate.Protocol.Framing;

namespace FastGate.Benchmarks.Framing;

/// <summary>
/// Validates text incrementally. Baselines: the library's validator, which needs the whole text, and the strict decoder, which throws. Each
/// text but the first ends inside a code point, as a fragment can; the baselines get the whole text.
/// </summary>
public class Utf8Benchmarks
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private byte[] _whole = [];
    private byte[] _cut = [];

    [ParamsSource(nameof(TextValues))]
    public string Text { get; set; } = "";

    public static IEnumerable<string> TextValues => ["Json", "Chinese", "Long"];

    [GlobalSetup]
    public void Setup()
    {
        _whole = Text switch
        {
            "Json" => Captured.Message("Hello"),
            "Chinese" => Encoding.UTF8.GetBytes("今天天气很好，我们一起去公园散步吧。"),
            _ => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("今天 weather 很好 🙂, 我们 go to the park. ", 80))),
        };
        _cut = Text == "Json" ? _whole : [.. _whole, 0xE4, 0xBB];
    }

    [Benchmark(Baseline = true)]
    public bool Library() => Utf8.IsValid(_whole);

    [Benchmark]
    public int StrictDecoder() => s_strict.GetCharCount(_whole);

    [Benchmark]
    public bool FastGate() => Utf8Prefix.IsValid(_cut, out _);
}
