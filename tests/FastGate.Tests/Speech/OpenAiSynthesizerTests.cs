using System.Runtime.InteropServices;
using System.Text.Json;
using FastGate.Speech;
using FastGate.Speech.Recognition;
using FastGate.Speech.Settings;
using FastGate.Speech.Synthesis;
using Microsoft.AspNetCore.Http;

namespace FastGate.Tests.Speech;

/// <summary>The client of <c>/v1/audio/speech</c> against a server on a socket.</summary>
public sealed class OpenAiSynthesizerTests : IDisposable
{
    private static readonly short[] s_sound = TestSound.Voice(700);

    private readonly ProviderFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task The_request_holds_the_settings()
    {
        string request = "";
        await using LoopbackServer server = await LoopbackServer.StartAsync(async (_, context) =>
        {
            using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body);
            request = $"{context.Request.Method} {context.Request.Path} {context.Request.Headers.Authorization} {body.RootElement.GetRawText()}";
            await context.Response.Body.WriteAsync(Bytes(s_sound));
        });
        SpeechProviderSettings settings = ProviderFixture.Settings($"{server.Address}/v1/audio/speech") with { Model = "m", Voice = "v", Speed = 1.5, Format = "wav" };

        await CollectAsync(settings);

        Assert.Equal("""POST /v1/audio/speech Bearer secret {"model":"m","input":"Hello.","voice":"v","response_format":"wav","speed":1.5}""", request);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(997)]
    [InlineData(1 << 20)]
    public async Task Raw_samples_arrive_whole_in_pieces_of_any_size(int pieceSize)
    {
        short[] sound = pieceSize == 1 ? s_sound[..500] : s_sound;
        await using LoopbackServer server = await LoopbackServer.StartAsync((_, context) => LoopbackServer.WriteAsync(context, Bytes(sound), pieceSize));

        (int rate, short[] samples) = await CollectAsync(ProviderFixture.Settings(server.Address) with { SampleRate = 16_000 });

        Assert.Equal(16_000, rate);
        Assert.Equal(sound, samples);
    }

    [Fact]
    public async Task The_first_samples_are_there_while_the_server_still_makes_the_others()
    {
        var heard = new TaskCompletionSource();
        await using LoopbackServer server = await LoopbackServer.StartAsync(async (_, context) =>
        {
            await LoopbackServer.WriteAsync(context, Bytes(s_sound[..1_000]), 2_000);
            await heard.Task;
            await LoopbackServer.WriteAsync(context, Bytes(s_sound[1_000..]), 20_000);
        });
        SpeechProviderSettings settings = ProviderFixture.Settings(server.Address);
        int samples = 0;
        await foreach (SoundPiece piece in _fixture.Synthesizer((new OpenAiSynthesizer(settings), settings)).SynthesizeAsync("Hello.", CancellationToken.None))
        {
            samples += piece.Samples.Length;
            heard.TrySetResult();
        }

        Assert.Equal(s_sound.Length, samples);
    }

    /// <summary>Servers that ignore the format: the header names the rate.</summary>
    [Theory]
    [InlineData("plain", "audio/wav", 7)]
    [InlineData("plain", "application/octet-stream", 5_000)]
    [InlineData("plain", "audio/mpeg", 5_000)]
    [InlineData("no size", "audio/x-wav", 1_001)]
    [InlineData("largest size", "audio/wav", 1_001)]
    [InlineData("extensible", "audio/wav", 333)]
    [InlineData("chunk before", "audio/wav", 4_096)]
    [InlineData("chunk after", "audio/wav", 4_096)]
    public async Task A_wav_answer_is_read_by_its_header(string kind, string type, int pieceSize)
    {
        byte[] file = WavFile.Create(s_sound, 22_050);
        switch (kind)
        {
            case "no size":
                file.AsSpan(40, 4).Clear();
                break;
            case "largest size":
                file.AsSpan(40, 4).Fill(0xFF);
                break;
            case "extensible":
                (file[20], file[21]) = (0xFE, 0xFF);
                break;
            case "chunk before":
                file = [.. file[..12], .. "LIST"u8, 0x41, 0x9C, 0, 0, .. new byte[40_002], .. file[12..]];
                break;
            case "chunk after":
                file = [.. file, .. "LIST"u8, 4, 0, 0, 0, 1, 2, 3, 4];
                break;
        }

        await using LoopbackServer server = await LoopbackServer.StartAsync((_, context) =>
        {
            context.Response.ContentType = type;
            return LoopbackServer.WriteAsync(context, file, pieceSize);
        });

        (int rate, short[] samples) = await CollectAsync(ProviderFixture.Settings(server.Address));

        Assert.Equal(22_050, rate);
        Assert.Equal(s_sound, samples);
    }

    /// <summary>Each way to fail before the first sound: the second provider speaks, and the first works when it is asked again.</summary>
    [Theory]
    [InlineData("500")]
    [InlineData("json")]
    [InlineData("html")]
    [InlineData("mp3")]
    [InlineData("stereo")]
    [InlineData("header cut")]
    [InlineData("killed")]
    [InlineData("hangs")]
    public async Task Before_the_first_sound_the_second_provider_is_asked(string fault)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync((number, context) => FailAsync(number > 1 ? "" : fault, context));
        await using LoopbackServer second = await LoopbackServer.StartAsync((_, context) => LoopbackServer.WriteAsync(context, Bytes(s_sound[..160]), 320));
        SpeechProviderSettings settings = ProviderFixture.Settings(server.Address, fault == "hangs");
        SpeechProviderSettings other = ProviderFixture.Settings(second.Address) with { Alias = "b" };
        GuardedSynthesizer synthesizer = _fixture.Synthesizer((new OpenAiSynthesizer(settings), settings), (new OpenAiSynthesizer(other), other));

        (_, short[] samples) = await ProviderFixture.CollectAsync(synthesizer);

        Assert.Equal(s_sound[..160], samples);
        Assert.StartsWith("a: ", _fixture.Guards[0].LastError, StringComparison.Ordinal);
        Assert.Null(_fixture.Guards[1].LastError);
        await server.Ended.ReachAsync(1);
        _fixture.AssertSlotsAreFree();
        if (fault != "hangs")
        {
            Assert.Equal(s_sound, (await ProviderFixture.CollectAsync(synthesizer)).Samples);
        }
    }

    /// <summary>After the first sound the sentence is not repeated in another voice: what came is played, and the failure is reported.</summary>
    [Theory]
    [InlineData("killed later")]
    [InlineData("hangs later")]
    public async Task After_the_first_sound_the_sentence_is_not_repeated(string fault)
    {
        var heard = new TaskCompletionSource();
        await using LoopbackServer server = await LoopbackServer.StartAsync((_, context) => FailAsync(fault, context, heard.Task));
        await using LoopbackServer second = await LoopbackServer.StartAsync(static (_, context) => context.Response.Body.WriteAsync(Bytes(s_sound)).AsTask());
        // Only the wait for the second piece is short.
        SpeechProviderSettings settings = ProviderFixture.Settings(server.Address) with { BetweenTimeout = TimeSpan.FromSeconds(fault == "hangs later" ? 0.3 : 20) };
        SpeechProviderSettings other = ProviderFixture.Settings(second.Address);
        GuardedSynthesizer synthesizer = _fixture.Synthesizer((new OpenAiSynthesizer(settings), settings), (new OpenAiSynthesizer(other), other));
        int samples = 0;

        await Assert.ThrowsAsync<SpeechProviderException>(async () =>
        {
            await foreach (SoundPiece piece in synthesizer.SynthesizeAsync("Hello.", CancellationToken.None))
            {
                samples += piece.Samples.Length;
                heard.TrySetResult();
            }
        });

        Assert.Equal(1_000, samples);
        Assert.Equal(0, second.Requests.Value);
        await server.Ended.ReachAsync(1);
        _fixture.AssertSlotsAreFree();
    }

    [Fact]
    public async Task A_cancelled_sentence_closes_its_connection_and_is_no_failure()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(static (_, context) => FailAsync("hangs later", context));
        using var cancellation = new CancellationTokenSource();
        SpeechProviderSettings settings = ProviderFixture.Settings(server.Address);
        GuardedSynthesizer synthesizer = _fixture.Synthesizer((new OpenAiSynthesizer(settings), settings));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (SoundPiece _ in synthesizer.SynthesizeAsync("Hello.", cancellation.Token))
            {
                await cancellation.CancelAsync();
            }
        });

        await server.Ended.ReachAsync(1);
        _fixture.AssertSlotsAreFree();
        Assert.Null(_fixture.Guards[0].LastError);
    }

    private static byte[] Bytes(short[] samples) => MemoryMarshal.AsBytes(samples.AsSpan()).ToArray();

    private static async Task FailAsync(string fault, HttpContext context, Task? heard = null)
    {
        context.Response.ContentType = fault switch { "json" => "application/json", "html" => "text/html; charset=utf-8", "mp3" => "audio/mpeg", _ => "audio/pcm" };
        switch (fault)
        {
            case "500":
                context.Response.StatusCode = 500;
                break;
            case "json" or "html" or "mp3":
                await context.Response.WriteAsync("""{"error":{"message":"no such voice"}}""");
                break;
            case "stereo":
                byte[] file = WavFile.Create(s_sound, 24_000);
                file[22] = 2;
                await context.Response.Body.WriteAsync(file);
                break;
            case "header cut":
                await context.Response.Body.WriteAsync(WavFile.Create(s_sound, 24_000).AsMemory(0, 30));
                break;
            case "killed":
                context.Abort();
                break;
            case "hangs":
                await LoopbackServer.HangAsync(context);
                break;
            case "killed later":
                context.Response.ContentLength = 100_000;
                await LoopbackServer.WriteAsync(context, Bytes(s_sound[..1_000]), 2_000);
                await heard!;
                context.Abort();
                break;
            case "hangs later":
                await LoopbackServer.WriteAsync(context, Bytes(s_sound[..1_000]), 2_000);
                await LoopbackServer.HangAsync(context);
                break;
            default:
                await context.Response.Body.WriteAsync(Bytes(s_sound));
                break;
        }
    }

    private async Task<(int Rate, short[] Samples)> CollectAsync(SpeechProviderSettings settings) =>
        await ProviderFixture.CollectAsync(_fixture.Synthesizer((new OpenAiSynthesizer(settings), settings)));
}
