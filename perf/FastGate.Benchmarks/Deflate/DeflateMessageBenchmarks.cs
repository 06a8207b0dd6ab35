using BenchmarkDotNet.Attributes;

namespace FastGate.Benchmarks.Deflate;

/// <summary>Each of the <see cref="DeflateMessages"/>, its payload, and room for the result.</summary>
public abstract class DeflateMessageBenchmarks
{
    [ParamsSource(nameof(MessageValues))]
    public string Message { get; set; } = "";

    public static IEnumerable<string> MessageValues => DeflateMessages.Names;

    protected byte[] Text { get; private set; } = [];

    protected byte[] Payload { get; private set; } = [];

    protected byte[] Output { get; private set; } = [];

    [GlobalSetup]
    public void Setup()
    {
        Text = DeflateMessages.Text(Message);
        Payload = DeflateMessages.Payload(Message);
        Output = new byte[Text.Length];
        Prepare();
    }

    protected virtual void Prepare()
    {
    }
}
