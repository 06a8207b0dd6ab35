using System.Text.Json;
using BenchmarkDotNet.Attributes;
using FastGate.Protocol.Messages;

namespace FastGate.Benchmarks.Messages;

/// <summary>
/// Reads a device's message. Baselines: Utf8JsonReader that reads only the type, and JsonDocument.
/// </summary>
public class DeviceMessageBenchmarks
{
    private byte[] _utf8 = [];

    [ParamsSource(nameof(MessageValues))]
    public string Message { get; set; } = "";

    public static IEnumerable<string> MessageValues => Captured.Messages;

    [GlobalSetup]
    public void Setup() => _utf8 = Captured.Message(Message);

    [Benchmark(Baseline = true)]
    public int Utf8JsonReader()
    {
        var reader = new Utf8JsonReader(_utf8);
        int found = 0;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType)
            {
                found = reader.ValueSpan.Length;
            }

            reader.Skip();
        }

        return found;
    }

    [Benchmark]
    public int Document()
    {
        using var document = JsonDocument.Parse(_utf8);
        return document.RootElement.GetProperty("type"u8).ValueEquals("ping"u8) ? 1 : 0;
    }

    [Benchmark]
    public DeviceMessageType FastGate()
    {
        DeviceMessageReader.Read(_utf8, out DeviceMessage message);
        return message.Type;
    }
}
