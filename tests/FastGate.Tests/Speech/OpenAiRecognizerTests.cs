using System.Text;
using FastGate.Speech;
using FastGate.Speech.Recognition;
using FastGate.Speech.Settings;
using Microsoft.AspNetCore.Http;

namespace FastGate.Tests.Speech;

/// <summary>The client of <c>/v1/audio/transcriptions</c> against a server on a socket.</summary>
public sealed class OpenAiRecognizerTests : IDisposable
{
    private readonly ProviderFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("/v1")]
    [InlineData("/v1/audio/transcriptions")]
    public async Task The_form_holds_the_sound_as_a_wav_file(string path)
    {
        List<string> fields = [];
        byte[] file = [];
        await using LoopbackServer server = await LoopbackServer.StartAsync(async (_, context) =>
        {
            IFormCollection form = await context.Request.ReadFormAsync();
            fields.AddRange([$"{context.Request.Method} {context.Request.Path}", context.Request.Headers.Authorization!, form["model"]!, form["response_format"]!, form["language"]!, form.Files[0].Name, form.Files[0].FileName, form.Files[0].ContentType]);
            using var content = new MemoryStream();
            await form.Files[0].CopyToAsync(content);
            file = content.ToArray();
            await context.Response.WriteAsync("""{"text":" hello "}""");
        });
        SpeechProviderSettings settings = ProviderFixture.Settings(server.Address + path) with { Model = "whisper-x", Language = "zh" };

        string words = await RecognizeAsync(settings);

        Assert.Equal("hello", words);
        Assert.Equal(["POST /v1/audio/transcriptions", "Bearer secret", "whisper-x", "json", "zh", "file", "utterance.wav", "audio/wav"], fields);
        Assert.Equal(WavFile.Create(TestSound.Voice(300), 16_000), file);
        Assert.Equal("RIFF", Encoding.ASCII.GetString(file, 0, 4));
        Assert.Equal(16_000, BitConverter.ToInt32(file, 24));
        Assert.Equal(1, BitConverter.ToInt16(file, 22));
    }

    /// <summary>An answer of status 200, and the words; null for a failure.</summary>
    [Theory]
    [InlineData("""{"text":"hello"}""", "hello")]
    [InlineData("""{"task":"transcribe","text":"你好。","segments":[{"text":"x"}]}""", "你好。")]
    [InlineData("""{"text":""}""", "")]
    [InlineData("""{"text":null}""", "")]
    [InlineData("hello\n", "hello")]
    [InlineData("\"hello\"", "hello")]
    [InlineData("", "")]
    [InlineData("<|zh|><|NEUTRAL|><|Speech|><|withitn|>你好。", "你好。")]
    [InlineData("""{"text":"<|en|><|HAPPY|>hello"}""", "hello")]
    [InlineData("""{"error":{"message":"out of memory"}}""", null)]
    [InlineData("""{"text":5}""", null)]
    [InlineData("""{"text":"hel""", null)]
    [InlineData("[]", null)]
    [InlineData("<!DOCTYPE html><html></html>", null)]
    [InlineData("<html><body>Bad gateway</body></html>", null)]
    public async Task Answers_become_words_or_a_failure(string body, string? expected)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync((_, context) => context.Response.WriteAsync(body));
        Task<string> words = RecognizeAsync(ProviderFixture.Settings(server.Address));

        if (expected is null)
        {
            SpeechProviderException failure = await Assert.ThrowsAsync<SpeechProviderException>(() => words);
            Assert.Equal(failure.Message, Assert.Single(_fixture.Guards).LastError);
        }
        else
        {
            Assert.Equal(expected, await words);
        }

        _fixture.AssertSlotsAreFree();
    }

    /// <summary>Each way to fail at the first call; the second call of the same client works, and the connection of the first is closed.</summary>
    [Theory]
    [InlineData("500", "HTTP 500 broken")]
    [InlineData("401", "HTTP 401 ***")]
    [InlineData("302", "HTTP 302")]
    [InlineData("killed", "a: ")]
    [InlineData("cut", "a: ")]
    [InlineData("long", "a: ")]
    [InlineData("hangs", "no words in time")]
    [InlineData("hangs in the body", "no words in time")]
    public async Task A_failure_is_named_and_the_next_call_works(string fault, string expected)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(async (number, context) =>
        {
            switch (number > 1 ? "" : fault)
            {
                case "500":
                    context.Response.StatusCode = 500;
                    await context.Response.WriteAsync("broken");
                    break;
                case "401":
                    context.Response.StatusCode = 401;
                    await context.Response.WriteAsync("sk-123456789");
                    break;
                case "302":
                    context.Response.Redirect("http://127.0.0.1:1/elsewhere");
                    break;
                case "killed":
                    context.Abort();
                    break;
                case "cut":
                    context.Response.ContentLength = 100;
                    await LoopbackServer.WriteAsync(context, "{\"text\":"u8.ToArray(), 3);
                    context.Abort();
                    break;
                case "long":
                    await LoopbackServer.WriteAsync(context, new byte[1_000_000], 100_000);
                    break;
                case "hangs":
                    await LoopbackServer.HangAsync(context);
                    break;
                case "hangs in the body":
                    await LoopbackServer.WriteAsync(context, "{\"text\":"u8.ToArray(), 3);
                    await LoopbackServer.HangAsync(context);
                    break;
                default:
                    await context.Response.WriteAsync("again");
                    break;
            }
        });
        SpeechProviderSettings settings = ProviderFixture.Settings(server.Address, fault.StartsWith("hangs", StringComparison.Ordinal));
        GuardedRecognizer recognizer = _fixture.Recognizer((new OpenAiRecognizer(settings), settings));

        SpeechProviderException failure = await Assert.ThrowsAsync<SpeechProviderException>(() => recognizer.RecognizeAsync(_fixture.Said(), CancellationToken.None));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        await server.Ended.ReachAsync(1);
        _fixture.AssertSlotsAreFree();
        Assert.Equal("again", await SecondCallAsync(recognizer, settings));
        _fixture.AssertSlotsAreFree();
    }

    [Fact]
    public async Task A_cancelled_call_closes_its_connection_and_is_no_failure()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(static (_, context) => LoopbackServer.HangAsync(context));
        using var cancellation = new CancellationTokenSource();
        Task<string> words = RecognizeAsync(ProviderFixture.Settings(server.Address), cancellation.Token);
        await server.Requests.ReachAsync(1);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => words);
        await server.Ended.ReachAsync(1);
        _fixture.AssertSlotsAreFree();
        Assert.Null(_fixture.Guards[0].LastError);
    }

    /// <summary>The limit of a test that hangs is short, so on a slow machine the second call may exceed it as well: it is repeated.</summary>
    private async Task<string> SecondCallAsync(GuardedRecognizer recognizer, SpeechProviderSettings settings)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                return await recognizer.RecognizeAsync(_fixture.Said(), CancellationToken.None);
            }
            catch (SpeechProviderException) when (settings.FirstTimeout < TimeSpan.FromSeconds(1) && i < 50)
            {
                _fixture.Time.Turn(TimeSpan.FromSeconds(6));
            }
        }
    }

    private Task<string> RecognizeAsync(SpeechProviderSettings settings, CancellationToken cancellationToken = default) =>
        _fixture.Recognizer((new OpenAiRecognizer(settings), settings)).RecognizeAsync(_fixture.Said(), cancellationToken);
}
