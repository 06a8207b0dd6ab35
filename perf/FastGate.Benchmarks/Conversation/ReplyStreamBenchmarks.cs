using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using FastGate.Llm.Providers;
using Microsoft.Extensions.AI;

namespace FastGate.Benchmarks.Conversation;

/// <summary>
/// Reads a streamed reply of 100 tokens; divide by <see cref="Tokens"/> for the cost of one. Baseline: the framework's event parser and a
/// <see cref="JsonDocument"/> per event, without any leniency.
/// </summary>
public class ReplyStreamBenchmarks
{
    public const int Tokens = 100;

    private readonly byte[] _body = Encoding.UTF8.GetBytes(
        string.Concat(Enumerable.Range(0, Tokens).Select(static i => "data: "
            + $$"""{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"m","system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":"字{{i}}"},"logprobs":null,"finish_reason":null}]}""" + "\n\n"))
        + "data: " + """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\ndata: [DONE]\n\n");

    [Benchmark(Baseline = true)]
    public async Task<int> Framework()
    {
        int length = 0;
        await foreach (SseItem<string> item in SseParser.Create(new MemoryStream(_body), static (_, data) => Words(data)).EnumerateAsync())
        {
            length += item.Data.Length;
        }

        return length;
    }

    [Benchmark]
    public async Task<int> FastGate()
    {
        int length = 0;
        await foreach (ChatResponseUpdate update in ReplyEvents.ReadAsync(new OpenAiReplyReader(), new MemoryStream(_body), CancellationToken.None))
        {
            length += update.Text.Length;
        }

        return length;
    }

    private static string Words(ReadOnlySpan<byte> data)
    {
        if (data[0] != (byte)'{')
        {
            return "";
        }

        var reader = new Utf8JsonReader(data);
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString()! : "";
    }
}
