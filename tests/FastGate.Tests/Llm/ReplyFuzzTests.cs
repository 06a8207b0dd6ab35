using System.IO.Compression;
using System.Text;
using FastGate.Llm.Failures;
using FastGate.Llm.Providers;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Llm;

/// <summary>Damaged and endless bodies end in a reply or in a named failure, within bounds.</summary>
public sealed class ReplyFuzzTests
{
    private const int Rounds = 2_000;

    public static TheoryData<string> Readers => ["openai", "anthropic", "dify", "coze", "homeassistant"];

    public static TheoryData<string> Endless => new()
    {
        "x", "data: x", "data: {\"choices\":\"", "{\"choices\":[", "[", "{\"x\":\"", "<html>", ": comment", "event: ", "\0",
        "data: x\n", "data: {\n", "{\"x\":\n", "[\n", "\n", ": comment\n", "event: x\n",
        "data: null\n\n", "data: {}\ndata: {\n",
    };

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task Damaged_body_ends_in_a_reply_or_in_a_named_failure(string type)
    {
        var random = new Random(9);
        byte[][] fixtures = [.. Enumerable.Range(0, 40).SelectMany(static seed => (byte[][])[RandomReply.OpenAi(seed).Body, RandomReply.Anthropic(seed).Body]), .. Others];
        for (int round = 0; round < Rounds; round++)
        {
            byte[] body = Damage(random, fixtures);
            await EndsAsync(type, new RandomPieceStream(body, round), () => Encoding.UTF8.GetString(body));
        }
    }

    [Fact]
    public async Task Damaged_compressed_body_ends_in_a_reply_or_in_a_named_failure()
    {
        var random = new Random(10);
        byte[] body = RandomReply.OpenAi(1).Body;
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body);
        }

        for (int round = 0; round < 500; round++)
        {
            byte[] damaged = Damage(random, [packed.ToArray()]);
            await EndsAsync("openai", new GZipStream(new RandomPieceStream(damaged, round), CompressionMode.Decompress), () => Convert.ToHexString(damaged));
        }
    }

    [Theory]
    [MemberData(nameof(Endless))]
    public async Task Endless_body_ends_in_a_named_failure(string repeated)
    {
        var body = new EndlessStream(Encoding.UTF8.GetBytes(repeated));
        LlmException failure = await Assert.ThrowsAsync<LlmException>(() => ReplyEventsTests.ReadAsync(new OpenAiReplyReader(), body));
        Assert.Equal(LlmFailure.Garbage, failure.Failure);
        Assert.InRange(body.Total, 1, ReplyLines.MaxReply + ReplyLines.MaxLine);
    }

    [Theory]
    [InlineData("data: x")]
    [InlineData("{\"choices\":[")]
    [InlineData("data: x\n")]
    [InlineData("{\"x\":\n")]
    public async Task Line_and_event_are_bounded(string repeated)
    {
        var body = new EndlessStream(Encoding.UTF8.GetBytes(repeated));
        await Assert.ThrowsAsync<LlmException>(() => ReplyEventsTests.ReadAsync(new OpenAiReplyReader(), body));
        Assert.InRange(body.Total, ReplyLines.MaxLine, 8 * ReplyLines.MaxLine);
    }

    [Fact]
    public async Task Line_of_the_longest_length_is_read()
    {
        string start = "data: {\"choices\":[{\"delta\":{\"content\":\"";
        const string End = "\"},\"finish_reason\":\"stop\"}]}";
        string words = new('x', ReplyLines.MaxLine - start.Length - End.Length);
        Assert.Equal(words, await ReplyEventsTests.WordsAsync(start + words + End + "\n\n"));
    }

    private static byte[][] Others => ((string[])
    [
        """data: {"event":"message","answer":"你好","conversation_id":"c"}""" + "\n\n" + """data: {"event":"message_end","metadata":{"usage":{"prompt_tokens":1}}}""" + "\n\n",
        "event:conversation.message.delta\ndata:{\"type\":\"answer\",\"content\":\"你好\"}\n\nevent:conversation.chat.completed\ndata:{\"usage\":{}}\n\nevent:done\ndata:\"[DONE]\"\n\n",
        """{"response":{"speech":{"plain":{"speech":"灯已打开"}}},"conversation_id":"h"}""",
        """{"message":{"content":"hel"},"done":false}""" + "\n" + """{"message":{"content":"lo"},"done":true}""" + "\n",
        "[{\n  \"error\": {\"code\": 400, \"message\": \"no\", \"status\": \"INVALID_ARGUMENT\"}\n}]",
    ]).Select(Encoding.UTF8.GetBytes).ToArray();

    private static byte[] Damage(Random random, byte[][] fixtures)
    {
        byte[] body = [.. fixtures[random.Next(fixtures.Length)]];
        for (int i = random.Next(4); i >= 0 && body.Length > 0; i--)
        {
            int at = random.Next(body.Length);
            byte[] other = fixtures[random.Next(fixtures.Length)];
            switch (random.Next(6))
            {
                case 0:
                    body[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    body = body[..at];
                    break;
                case 2:
                    body = [.. body[..at], .. other[random.Next(other.Length)..]];
                    break;
                case 3:
                    body = [.. body[..at], .. "{}[]\",:\\\r\n\0-NI<"u8.Slice(random.Next(14), 1), .. body[at..]];
                    break;
                case 4:
                    body = [.. body[..at], .. body[Math.Min(body.Length, at + random.Next(30))..]];
                    break;
                default:
                    body[at] = (byte)random.Next(256);
                    break;
            }
        }

        return body;
    }

    private static async Task EndsAsync(string type, Stream body, Func<string> show)
    {
        IReplyReader reader = type switch
        {
            "anthropic" => new AnthropicReplyReader(),
            "dify" => new DifyReplyReader(static _ => { }),
            "coze" => new CozeReplyReader(static _ => { }),
            "homeassistant" => new HomeAssistantReplyReader(static _ => { }),
            _ => new OpenAiReplyReader(),
        };
        try
        {
            List<ChatResponseUpdate> updates = await ReplyEventsTests.ReadAsync(reader, body);
            Assert.All(updates, static update => Assert.False(update.Text.Contains('\uD800', StringComparison.Ordinal)));
        }
        catch (LlmException failure)
        {
            Assert.True(failure.Failure is LlmFailure.Cut or LlmFailure.Garbage or LlmFailure.Refused or LlmFailure.Throttled, failure.ToString());
            Assert.InRange(failure.Message.Length, 1, 400);
            Assert.DoesNotContain(failure.Message, static c => char.IsControl(c));
        }
        catch (InvalidDataException) when (body is GZipStream)
        {
            // The exception of the decompressing stream; LlmFailures sorts it.
        }
        catch (Exception exception)
        {
            Assert.Fail($"{exception}\n{show()}");
        }
    }
}
