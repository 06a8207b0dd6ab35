using System.Text;
using FastGate.Llm.Failures;
using FastGate.Llm.Providers;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Llm;

/// <summary>Replies as model servers and relays send them. Each row is one kind of deviation.</summary>
public sealed class ReplyEventsTests
{
    private const string Stop = """{"choices":[{"delta":{},"finish_reason":"stop"}]}""";

    [Theory]
    [InlineData("""{"choices":[{"delta":{"role":"","content":"hello"}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"hello"},"finish_reason":""}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"hello"},"finish_reason":"null"}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"hello"}}],"created":1716.25}""")]
    [InlineData("""{"choices":[{"delta":{"content":"hello"}}],"created":null,"id":17,"model":{"a":1}}""")]
    [InlineData("""{"choices":[{"delta":{"content":"hello"},"index":"0","logprobs":[]}],"usage":"none","error":null}""")]
    [InlineData("""{"choices":[{"delta":{"content":[{"type":"text","text":"hel"},{"type":"image"},{"text":"lo"}]}}]}""")]
    [InlineData("""{"choices":[{"delta":{"reasoning_content":"hmm","reasoning":"hmm","content":"hello"}}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"hello"}}]}""")]
    [InlineData("""{"choices":[{"text":"hello"}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"hello"}},],}""")]
    public async Task Text_is_read_whatever_the_other_fields_are(string chunk) =>
        Assert.Equal("hello", await WordsAsync(Events(chunk, Stop, "[DONE]")));

    [Theory]
    [InlineData("""{"choices":null}""")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{}""")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("17")]
    [InlineData("ping")]
    [InlineData("[]")]
    public async Task An_event_without_words_is_skipped(string noise) =>
        Assert.Equal("hello", await WordsAsync(Events(noise, Chunk("hel"), noise, Chunk("lo"), noise, Stop, noise, "[DONE]")));

    [Theory]
    [InlineData("eos")]
    [InlineData("normal")]
    [InlineData("length")]
    [InlineData("STOP")]
    public async Task Any_text_but_null_and_empty_ends_the_reply(string reason) =>
        Assert.Equal("hello", await WordsAsync(Events($$"""{"choices":[{"delta":{"content":"hello"},"finish_reason":"{{reason}}"}]}""")));

    [Fact]
    public async Task A_surrogate_pair_cut_between_chunks_is_joined()
    {
        string[] halves = ["""{"choices":[{"delta":{"content":"a\ud83d"}}]}""", """{"choices":[{"delta":{"content":"\ude00b"}}]}"""];
        Assert.Equal("a😀b", await WordsAsync(Events([.. halves, Stop])));
        Assert.Equal("a\uFFFD", await WordsAsync(Events(halves[0], Stop)));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Every_line_end_is_read(string lineEnd)
    {
        string stream = Events(Chunk("hel"), Chunk("lo"), Stop).Replace("\n", lineEnd, StringComparison.Ordinal);
        Assert.Equal("hello", await WordsAsync(stream));
        Assert.Equal("hello", await WordsAsync(": comment" + lineEnd + "retry: 100" + lineEnd + "id: 7" + lineEnd + stream));
        Assert.Equal("hello", await WordsAsync("\uFEFF" + stream));
    }

    [Fact]
    public async Task The_last_event_needs_no_blank_line() =>
        Assert.Equal("hello", await WordsAsync(Events(Chunk("hel")) + "data: " + """{"choices":[{"delta":{"content":"lo"},"finish_reason":"stop"}]}"""));

    [Theory]
    [InlineData("""{"choices":[{"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}]}""")]
    [InlineData("{\n  \"choices\": [\n    {\"message\": {\"content\": \"hello\"}, \"finish_reason\": \"stop\"}\n  ]\n}\n")]
    [InlineData("{\"message\":{\"content\":\"hel\"},\"done\":false}\n{\"message\":{\"content\":\"lo\"},\"done\":true}\n")]
    public async Task Objects_instead_of_events_are_read(string body) => Assert.Equal("hello", await WordsAsync(body));

    [Theory]
    [InlineData("""{"error":{"message":"model overloaded","type":"overloaded_error"}}""", "Throttled")]
    [InlineData("""{"error":{"message":"model overloaded","code":429}}""", "Throttled")]
    [InlineData("""{"error":"model overloaded"}""", "Refused")]
    [InlineData("""{"object":"error","message":"model overloaded","code":40301}""", "Refused")]
    [InlineData("""{"error":{"code":"model overloaded"}}""", "Throttled")]
    public async Task An_error_in_the_stream_is_a_failure_with_its_message(string error, string failure)
    {
        foreach (string body in (string[])[error, Events(error, "[DONE]"), Events(Chunk("words"), error, "[DONE]")])
        {
            LlmException thrown = await Assert.ThrowsAsync<LlmException>(() => WordsAsync(body));
            Assert.Equal(failure, thrown.Failure.ToString());
            Assert.Contains("model overloaded", thrown.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_error_shows_no_secret_and_is_cut()
    {
        string error = $$$"""{"error":{"message":"Incorrect API key provided: sk-abcdef0123456789. {{{new string('x', 5_000)}}}"}}""";
        LlmException thrown = await Assert.ThrowsAsync<LlmException>(() => WordsAsync(error));
        Assert.DoesNotContain("sk-abcdef", thrown.Message, StringComparison.Ordinal);
        Assert.InRange(thrown.Message.Length, 1, 400);
    }

    [Theory]
    [InlineData("[DONE]")]
    [InlineData("message_stop")]
    [InlineData("\\\"finish_reason\\\":\\\"stop\\\"")]
    public async Task Text_that_looks_like_an_end_mark_does_not_end_the_reply(string words)
    {
        LlmException thrown = await Assert.ThrowsAsync<LlmException>(() => WordsAsync(Events(Chunk(words))));
        Assert.Equal(LlmFailure.Cut, thrown.Failure);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("  \n\n", "empty")]
    [InlineData("<html><body>Sign in</body></html>", "page")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"hel", null)]
    public async Task A_body_that_is_not_a_reply_is_a_failure(string body, string? says)
    {
        LlmException thrown = LlmFailures.Of(await Assert.ThrowsAnyAsync<Exception>(() => WordsAsync(body)));
        Assert.True(thrown.Failure is LlmFailure.Cut or LlmFailure.Garbage, thrown.Failure.ToString());
        Assert.Contains(says ?? "", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Usage_is_read_where_it_is_valid()
    {
        List<ChatResponseUpdate> updates = await ReadAsync(
            new OpenAiReplyReader(), Events(Chunk("hello"), Stop, """{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":"many","total_tokens":null}}""", "[DONE]"));
        UsageContent usage = Assert.Single(updates.SelectMany(static update => update.Contents).OfType<UsageContent>());
        Assert.Equal(7, usage.Details.InputTokenCount);
        Assert.Null(usage.Details.OutputTokenCount);
    }

    [Fact]
    public async Task Anthropic_events_are_read()
    {
        string stream =
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":5}}}\n\n" +
            "event: ping\ndata: {\"type\":\"ping\"}\n\n" +
            "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n" +
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hmm\"}}\n\n" +
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hello\"}}\n\n" +
            "event: from_the_future\ndata: {\"type\":\"from_the_future\",\"delta\":{\"text\":\"noise\"}}\n\n" +
            "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":3}}\n\n" +
            "event: message_stop\ndata: {\"type\":\"message_stop\"}\n";
        Assert.Equal("hello", Words(await ReadAsync(new AnthropicReplyReader(), stream)));

        string error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
        LlmException thrown = await Assert.ThrowsAsync<LlmException>(() => ReadAsync(new AnthropicReplyReader(), error));
        Assert.Equal(LlmFailure.Throttled, thrown.Failure);
        await Assert.ThrowsAsync<LlmException>(() => ReadAsync(new AnthropicReplyReader(), stream[..stream.IndexOf("event: message_stop", StringComparison.Ordinal)]));
    }

    [Fact]
    public async Task Every_cut_of_the_bytes_gives_the_same_text()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("\uFEFF" + Events(Chunk("你"), Chunk("好😀"), Stop, "[DONE]"));
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal("你好😀", Words(await ReadAsync(new OpenAiReplyReader(), new PieceStream(bytes, cut))));
        }

        Assert.Equal("你好😀", Words(await ReadAsync(new OpenAiReplyReader(), new PieceStream(bytes, 1, everyPiece: true))));
    }

    internal static string Chunk(string words) => $$$"""{"choices":[{"delta":{"content":"{{{words}}}"}}]}""";

    internal static string Events(params string[] data) => string.Concat(data.Select(static item => $"data: {item}\n\n"));

    internal static async Task<string> WordsAsync(string body) => Words(await ReadAsync(new OpenAiReplyReader(), body));

    internal static Task<List<ChatResponseUpdate>> ReadAsync(IReplyReader reader, string body) =>
        ReadAsync(reader, new MemoryStream(Encoding.UTF8.GetBytes(body)));

    internal static async Task<List<ChatResponseUpdate>> ReadAsync(IReplyReader reader, Stream body)
    {
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in ReplyEvents.ReadAsync(reader, body, CancellationToken.None))
        {
            updates.Add(update);
        }

        return updates;
    }

    internal static string Words(IEnumerable<ChatResponseUpdate> updates) => string.Concat(updates.Select(static update => update.Text));
}
