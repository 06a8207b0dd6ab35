using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using FastGate.Speech;
using FastGate.Speech.Hearing;
using FastGate.Speech.Recognition;
using FastGate.Speech.Settings;
using Microsoft.AspNetCore.Http;

namespace FastGate.Tests.Speech;

/// <summary>The client of the FunASR protocol against a WebSocket server on a socket.</summary>
public sealed class FunAsrRecognizerTests : IDisposable
{
    private const string Partial = """{"mode":"2pass-online","text":"hel","wav_name":"x","is_final":false}""";
    private const string Whole = """{"mode":"2pass-offline","text":"Hello.","wav_name":"x","is_final":true,"stamp_sents":[]}""";

    private readonly ProviderFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Sound_is_sent_while_the_user_speaks_and_the_end_after_it()
    {
        string begin = "", headers = "", end = "";
        byte[] sound = [];
        var heard = new TaskCompletionSource();
        await using LoopbackServer server = await ServeAsync(async (socket, context) =>
        {
            headers = $"{context.Request.Headers.Authorization} {context.Request.Headers.SecWebSocketProtocol}";
            begin = await ReceiveTextAsync(socket);
            sound = await ReceiveSoundAsync(socket, TestSound.Voice(300).Length * 2);
            heard.SetResult();
            await SendAsync(socket, Partial);
            end = await ReceiveTextAsync(socket);
            await SendAsync(socket, Whole);
        });
        Utterance utterance = _fixture.Speaking();
        Task<string> words = RecognizeAsync(ProviderFixture.Settings(server.Address), utterance);
        await heard.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(words.IsCompleted);
        utterance.Complete();

        Assert.Equal("Hello.", await words);
        Assert.Equal(System.Runtime.InteropServices.MemoryMarshal.AsBytes(TestSound.Voice(300).AsSpan()).ToArray(), sound);
        using var settings = JsonDocument.Parse(begin);
        Assert.Equal(("2pass", true, 16_000), (settings.RootElement.GetProperty("mode").GetString(), settings.RootElement.GetProperty("is_speaking").GetBoolean(), settings.RootElement.GetProperty("audio_fs").GetInt32()));
        Assert.Equal("Bearer secret binary", headers);
        Assert.Equal("""{"is_speaking":false}""", end);
        _fixture.AssertSlotsAreFree();
        await server.Ended.ReachAsync(1);
    }

    /// <summary>Messages of the server after the end of the speech, and the words; null for a failure.</summary>
    [Theory]
    [InlineData(Whole, "Hello.")]
    [InlineData("""{"mode":"offline","text":"<|zh|><|NEUTRAL|><|Speech|><|woitn|>你好","is_final":false}""", "你好")]
    [InlineData(Partial + "\n" + """{"mode":"2pass-online","text":"lo","is_final":true}""", "hello")]
    [InlineData("not json\n[1]\n{}\n" + Whole, "Hello.")]
    [InlineData("""{"mode":5,"text":"odd mode"}""", "odd mode")]
    [InlineData(Partial + "\nclose", "hel")]
    [InlineData("close", "")]
    [InlineData("kill", null)]
    [InlineData("huge", null)]
    [InlineData("hang", null)]
    public async Task Messages_become_words_or_a_failure(string messages, string? expected)
    {
        await using LoopbackServer server = await ServeAsync(async (socket, context) =>
        {
            await ReceiveToEndAsync(socket);
            await PlayAsync(socket, context, messages);
        });
        Task<string> words = RecognizeAsync(ProviderFixture.Settings(server.Address, messages == "hang"), _fixture.Said());

        if (expected is null)
        {
            await Assert.ThrowsAsync<SpeechProviderException>(() => words);
        }
        else
        {
            Assert.Equal(expected, await words);
        }

        _fixture.AssertSlotsAreFree();
        await server.Ended.ReachAsync(1);
    }

    /// <summary>Faults while the user still speaks: the second provider hears the whole utterance.</summary>
    [Theory]
    [InlineData("refuse")]
    [InlineData("kill")]
    [InlineData("close")]
    [InlineData(Partial + "\nclose")]
    [InlineData("huge")]
    public async Task A_fault_during_the_speech_leaves_the_words_to_the_second_provider(string fault)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(async (_, context) =>
        {
            if (fault == "refuse")
            {
                context.Response.StatusCode = 503;
                return;
            }

            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync("binary");
            await ReceiveTextAsync(socket);
            await PlayAsync(socket, context, fault);
        });
        int heard = 0;
        await using LoopbackServer second = await ServeAsync(async (socket, _) =>
        {
            heard = await ReceiveToEndAsync(socket);
            await SendAsync(socket, Whole);
        });
        SpeechProviderSettings settings = ProviderFixture.Settings(server.Address);
        SpeechProviderSettings other = ProviderFixture.Settings(second.Address);
        GuardedRecognizer recognizer = _fixture.Recognizer((new FunAsrRecognizer(settings), settings), (new FunAsrRecognizer(other), other));
        Utterance utterance = _fixture.Speaking();
        Task<string> words = recognizer.RecognizeAsync(utterance, CancellationToken.None);
        await server.Ended.ReachAsync(1);
        while (second.Requests.Value == 0)
        {
            // The client notices the end when it sends.
            Assert.True(utterance.TryAppend(TestSound.Voice(20)));
            await Task.Delay(10);
        }

        int said = utterance.ToSamples().Length;
        utterance.Complete();

        Assert.Equal("Hello.", await words);
        Assert.Equal(said * 2, heard);
        Assert.NotNull(_fixture.Guards[0].LastError);
        _fixture.AssertSlotsAreFree();
    }

    /// <summary>Its silence would mean that there were no words, so a server that hangs is found by pings.</summary>
    [Fact]
    public async Task A_server_that_does_not_answer_pings_has_failed()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(static async (_, context) =>
        {
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync("binary");
            await LoopbackServer.HangAsync(context);
        });
        Utterance utterance = _fixture.Speaking();
        Task<string> words = RecognizeAsync(ProviderFixture.Settings(server.Address), utterance);
        await server.Requests.ReachAsync(1);
        while (!words.IsCompleted)
        {
            // The client notices the end when it sends.
            Assert.True(utterance.TryAppend(TestSound.Voice(20)));
            await Task.WhenAny(words, Task.Delay(50));
        }

        await Assert.ThrowsAsync<SpeechProviderException>(() => words);
        _fixture.AssertSlotsAreFree();
    }

    [Fact]
    public async Task What_was_reported_whole_in_the_silence_is_there_without_a_round_trip()
    {
        var silent = new TaskCompletionSource();
        await using LoopbackServer server = await ServeAsync(async (socket, context) =>
        {
            await ReceiveTextAsync(socket);
            await silent.Task;
            await SendAsync(socket, Whole);
            await LoopbackServer.HangAsync(context);
        });
        Utterance utterance = _fixture.Speaking();
        utterance.Judge(voice: true);
        utterance.Judge(voice: false);
        SpeechProviderSettings settings = ProviderFixture.Settings(server.Address) with { EndsUtterance = true };
        Task<string> words = RecognizeAsync(settings, utterance);
        silent.SetResult();
        await Transport.Eventually.TrueAsync(() => utterance.IsEndRequested, "the end is requested");
        Assert.False(words.IsCompleted);
        utterance.Complete();

        Assert.Equal("Hello.", await words);
    }

    /// <summary>Without the option, and when the user has spoken on, the utterance does not end.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task An_utterance_ends_by_the_server_only_in_silence_and_when_the_option_is_set(bool option, bool voice)
    {
        await using LoopbackServer server = await ServeAsync(async (socket, _) =>
        {
            await ReceiveTextAsync(socket);
            await SendAsync(socket, Whole);
            await ReceiveToEndAsync(socket);
            await SendAsync(socket, """{"mode":"2pass-offline","text":"More.","is_final":true}""");
        });
        Utterance utterance = _fixture.Speaking();
        utterance.Judge(voice);
        Task<string> words = RecognizeAsync(ProviderFixture.Settings(server.Address) with { EndsUtterance = option }, utterance);
        await server.Requests.ReachAsync(1);
        utterance.Complete();

        string text = await words;
        Assert.False(utterance.IsEndRequested);
        Assert.StartsWith("Hello.", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_recognition_closes_its_connection_and_is_no_failure()
    {
        await using LoopbackServer server = await ServeAsync(static (_, context) => LoopbackServer.HangAsync(context));
        using var cancellation = new CancellationTokenSource();
        Task<string> words = RecognizeAsync(ProviderFixture.Settings(server.Address), _fixture.Speaking(), cancellation.Token);
        await server.Requests.ReachAsync(1);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => words);
        await server.Ended.ReachAsync(1);
        _fixture.AssertSlotsAreFree();
        Assert.Null(_fixture.Guards[0].LastError);
    }

    private static Task<LoopbackServer> ServeAsync(Func<WebSocket, HttpContext, Task> serve) => LoopbackServer.StartAsync(async (_, context) =>
    {
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync("binary");
        await serve(socket, context);
    });

    private static async Task PlayAsync(WebSocket socket, HttpContext context, string messages)
    {
        foreach (string message in messages.Split('\n'))
        {
            switch (message)
            {
                case "close":
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    break;
                case "kill":
                    context.Abort();
                    break;
                case "huge":
                    await SendAsync(socket, new string('x', 300 * 1024));
                    break;
                case "hang":
                    await LoopbackServer.HangAsync(context);
                    break;
                default:
                    await SendAsync(socket, message);
                    break;
            }
        }
    }

    private static async Task SendAsync(WebSocket socket, string text) =>
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private static async Task<string> ReceiveTextAsync(WebSocket socket)
    {
        byte[] buffer = new byte[4096];
        WebSocketReceiveResult part = await socket.ReceiveAsync(buffer, CancellationToken.None);
        Assert.Equal(WebSocketMessageType.Text, part.MessageType);
        return Encoding.UTF8.GetString(buffer, 0, part.Count);
    }

    private static async Task<byte[]> ReceiveSoundAsync(WebSocket socket, int bytes)
    {
        byte[] sound = new byte[bytes];
        for (int received = 0; received < bytes;)
        {
            WebSocketReceiveResult part = await socket.ReceiveAsync(new ArraySegment<byte>(sound, received, bytes - received), CancellationToken.None);
            Assert.Equal(WebSocketMessageType.Binary, part.MessageType);
            received += part.Count;
        }

        return sound;
    }

    /// <summary>The bytes of sound up to the message that ends it.</summary>
    private static async Task<int> ReceiveToEndAsync(WebSocket socket)
    {
        byte[] buffer = new byte[64 * 1024];
        int sound = 0;
        while (true)
        {
            WebSocketReceiveResult part = await socket.ReceiveAsync(buffer, CancellationToken.None);
            sound += part.MessageType == WebSocketMessageType.Binary ? part.Count : 0;
            if (part.MessageType == WebSocketMessageType.Close ||
                (part.MessageType == WebSocketMessageType.Text && Encoding.UTF8.GetString(buffer, 0, part.Count).Contains("\"is_speaking\":false", StringComparison.Ordinal)))
            {
                return sound;
            }
        }
    }

    private Task<string> RecognizeAsync(SpeechProviderSettings settings, Utterance utterance, CancellationToken cancellationToken = default) =>
        _fixture.Recognizer((new FunAsrRecognizer(settings), settings)).RecognizeAsync(utterance, cancellationToken);
}
