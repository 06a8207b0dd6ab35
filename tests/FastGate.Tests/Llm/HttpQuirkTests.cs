using System.IO.Compression;
using System.Text;
using FastGate.Conversation;
using FastGate.Llm.Failures;
using FastGate.Llm.Providers;
using FastGate.Llm.Settings;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Llm;

/// <summary>Status lines, headers and bodies that servers and the proxies in front of them send.</summary>
public sealed class HttpQuirkTests
{
    private const string Hello = """data: {"choices":[{"delta":{"content":"hello"}}]}""" + "\n\n" + """data: {"choices":[{"delta":{},"finish_reason":"stop"}]}""" + "\n\n";

    [Theory]
    [InlineData("200 OK\nContent-Type: text/event-stream; charset=utf-8")]
    [InlineData("200 OK\nContent-Type: text/plain")]
    [InlineData("200 OK\nContent-Type: application/octet-stream")]
    [InlineData("200 OK\nContent-Type: application/json")]
    [InlineData("200 OK\nContent-Type: nonsense")]
    [InlineData("200 OK")]
    [InlineData("200")]
    [InlineData("201 Created\nContent-Type: text/event-stream")]
    [InlineData("200 OK\nContent-Type: text/event-stream; charset=\"unknown-8bit\"")]
    [InlineData("200 OK\nContent-Encoding: identity")]
    // Longer than the body: the reply is complete although the connection breaks before the announced end.
    [InlineData("200 OK\nContent-Length: 5000")]
    public async Task Reply_is_read_whatever_the_headers_say(string head)
    {
        await using var server = new RawHttpServer(head, Encoding.UTF8.GetBytes(Hello));
        Assert.Equal("hello", await AskAsync(server.Address));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("GZIP")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task Compressed_reply_is_read(string encoding)
    {
        using var body = new MemoryStream();
        await using (Stream packed = encoding switch
        {
            "deflate" => new ZLibStream(body, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(body, CompressionLevel.Fastest, leaveOpen: true),
            _ => new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true),
        })
        {
            packed.Write(Encoding.UTF8.GetBytes(Hello));
        }

        await using var server = new RawHttpServer($"200 OK\nContent-Encoding: {encoding}", body.ToArray());
        Assert.Equal("hello", await AskAsync(server.Address));
    }

    [Fact]
    public async Task Chunked_reply_without_its_last_chunk_is_complete_after_the_finish_reason()
    {
        await using var server = new RawHttpServer("200 OK\nTransfer-Encoding: chunked", Encoding.UTF8.GetBytes($"{Hello.Length:x}\r\n{Hello}\r\n"));
        Assert.Equal("hello", await AskAsync(server.Address));
    }

    [Theory]
    [InlineData("204 No Content", "", "Cut", "empty")]
    [InlineData("200 OK\nContent-Length: 0", "", "Cut", "empty")]
    [InlineData("200 OK\nContent-Type: text/html", "<html>Sign in to the hotel</html>", "Cut", "page")]
    [InlineData("302 Found\nLocation: http://login.example/portal?token=1", "", "Refused", "redirected to http://login.example/portal")]
    [InlineData("307 Temporary Redirect\nLocation: /v1/", "", "Refused", "redirected to /v1/")]
    [InlineData("404 Not Found", "404 page not found", "Refused", "404 page not found")]
    [InlineData("401 Unauthorized", """{"error":{"message":"Incorrect API key provided: sk-abcdef123456"}}""", "Refused", "Incorrect API key provided: ***")]
    [InlineData("400 Bad Request", """[{"error":{"code":400,"message":"no model"}}]""", "Refused", "no model")]
    [InlineData("429 Too Many Requests", "", "Throttled", "429")]
    [InlineData("200 OK\nContent-Encoding: zstd", "x", "Garbage", "zstd")]
    [InlineData("200 OK\nContent-Encoding: gzip", "data: no gzip", "Garbage", "")]
    [InlineData("200 OK\nContent-Length: 500", "data: {\"choices\":[{\"delta\":{\"content\":\"hel\"}}]}\n\n", "Cut", "")]
    [InlineData("200 OK\nTransfer-Encoding: chunked", "zz\r\n", "Cut", "")]
    public async Task Failure_is_sorted_and_named(string head, string body, string kind, string says)
    {
        await using var server = new RawHttpServer(head, Encoding.UTF8.GetBytes(body));
        LlmException failure = LlmFailures.Of(await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(server.Address)));
        Assert.Equal(kind, failure.Failure.ToString());
        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task Reply_whose_connection_stays_open_ends_soon_after_its_finish_reason()
    {
        var time = new ManualTimeProvider();
        await using var server = new RawHttpServer("200 OK", Encoding.UTF8.GetBytes(Hello), staysOpen: true);
        await using var bench = new ConversationBench([("Providers:a:Model", "m"), ("Providers:a:BaseUrl", server.Address), ("Default", "a")], time: time);
        (Turn _, RecordingReplySink sink) = bench.Submit(bench.Dialogue(), "你好");
        await time.NextDueInAsync(TimeSpan.FromSeconds(1));
        time.Turn(TimeSpan.FromSeconds(1));
        Assert.Equal(TurnOutcome.Completed, await sink.Completed);
        Assert.Equal(["hello"], sink.Sentences);
    }

    private static async Task<string> AskAsync(string address)
    {
        using IChatClient client = new ChatClientFactory().Create(new LlmProviderSettings { Type = "openai", BaseUrl = address, Model = "m", ApiKey = "key" });
        return ReplyEventsTests.Words(await client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "你是谁")]).ToListAsync());
    }
}
