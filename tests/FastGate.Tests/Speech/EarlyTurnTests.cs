using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using FastGate.Configuration.Options;
using FastGate.Speech;
using FastGate.Speech.Recognition;
using FastGate.Speech.Settings;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Transport;
using static FastGate.Tests.Speech.SpokenExchange;

namespace FastGate.Tests.Speech;

/// <summary>
/// The model is asked from partial words, over the connection, with a streaming recogniser on a socket. The silence that ends an utterance is longer than
/// the test, so the server's whole sentence ends it: what happens before it is early.
/// </summary>
public sealed class EarlyTurnTests : IDisposable
{
    private static readonly GatewayOptions s_patient = Options(TimeSpan.FromSeconds(60));
    private static readonly GatewayOptions s_quick = Options(TimeSpan.FromMilliseconds(500));

    private readonly CancellationTokenSource _microphone = new();
    private readonly FakeChatClient _model;
    private readonly List<string> _cancelled = [];

    public EarlyTurnTests() => _model = new FakeChatClient((messages, cancellationToken) => ReplyAsync(messages[^1].Text, cancellationToken));

    public void Dispose() => _microphone.Dispose();

    [Theory]
    [InlineData(Start)]
    [InlineData(Realtime)]
    public async Task The_model_is_asked_before_the_utterance_ends_and_answers_the_same_words(string listen)
    {
        await using RecognizerServer server = await RecognizerServer.StartAsync();
        using ConnectionHarness harness = Harness(server, earlyStart: 0.1);
        (ScriptedDevice device, Task speaking) = await SpeakingAsync(harness, listen);
        server.Say("2pass-online", "hello world");
        await _model.Calls.ReachAsync(1);
        Assert.Equal(0, harness.SpeechMetrics.Utterances.Value);
        server.Say("2pass-offline", "Hello, world.");

        Heard heard = await HearAsync(device);
        Assert.Equal("stt Hello, world., llm, tts start, You said hello world., sound, tts stop", heard.Order);
        Assert.Equal((1, 0, 1), (harness.SpeechMetrics.EarlyTurnsUsed.Value, harness.SpeechMetrics.EarlyTurnsDropped.Value, _model.Calls.Value));
        Assert.Equal(1, harness.SessionMetrics.TurnsCompleted.Value);
        await StopAsync(speaking);
    }

    [Fact]
    public async Task Other_words_cancel_the_early_call_and_only_their_reply_is_heard()
    {
        await using RecognizerServer server = await RecognizerServer.StartAsync();
        using ConnectionHarness harness = Harness(server, earlyStart: 0.1);
        (ScriptedDevice device, Task speaking) = await SpeakingAsync(harness, Start);
        server.Say("2pass-online", "slow");
        await _model.Calls.ReachAsync(1);
        server.Say("2pass-offline", "Something else.");

        Heard heard = await HearAsync(device);
        Assert.Equal("stt Something else., llm, tts start, You said Something else., sound, tts stop", heard.Order);
        await Eventually.TrueAsync(() => harness.SpeechMetrics.EarlyTurnsDropped.Value >= 1, "the early turn is counted");
        lock (_cancelled)
        {
            Assert.Equal(["slow"], _cancelled);
        }

        Assert.Equal((1, 0), (harness.SessionMetrics.TurnsCompleted.Value, harness.SessionMetrics.TurnsCancelled.Value));
        Assert.DoesNotContain(_model.LastMessages, static message => message.Text == "slow");
        await StopAsync(speaking);
    }

    [Theory]
    [InlineData("""{"type":"abort"}""")]
    [InlineData("""{"type":"listen","state":"start","mode":"auto"}""")]
    [InlineData("""{"type":"listen","state":"detect","text":"again"}""")]
    [InlineData(null)]
    public async Task Whatever_ends_the_listening_cancels_the_early_call(string? message)
    {
        await using RecognizerServer server = await RecognizerServer.StartAsync();
        using ConnectionHarness harness = Harness(server, earlyStart: 0.1);
        (ScriptedDevice device, Task speaking) = await SpeakingAsync(harness, Start);
        server.Say("2pass-online", "slow");
        await _model.Calls.ReachAsync(1);
        await StopAsync(speaking);
        if (message is null)
        {
            device.Connection.PeerOutput.Complete();
        }
        else
        {
            await device.SendTextAsync(message);
        }

        await Eventually.TrueAsync(() => harness.SpeechMetrics.EarlyTurnsDropped.Value == 1, "the early turn is dropped");
        await Eventually.TrueAsync(() => harness.Conversation.Status.InFlight == 0, "its call has ended");
        Assert.Equal(0, harness.SpeechMetrics.EarlyTurnsUsed.Value);
    }

    [Fact]
    public async Task Without_the_option_the_model_waits_for_the_whole_words()
    {
        await using RecognizerServer server = await RecognizerServer.StartAsync();
        using ConnectionHarness harness = Harness(server, earlyStart: 0);
        (ScriptedDevice device, Task speaking) = await SpeakingAsync(harness, Start);
        server.Say("2pass-online", "hello world");
        server.Say("2pass-offline", "Hello, world.");

        Heard heard = await HearAsync(device);
        Assert.Contains("You said Hello,", heard.Order, StringComparison.Ordinal);
        Assert.Equal((0, 0), (harness.SpeechMetrics.EarlyTurnsUsed.Value, harness.SpeechMetrics.EarlyTurnsDropped.Value));
        await StopAsync(speaking);
    }

    private async Task StopAsync(Task speaking)
    {
        await _microphone.CancelAsync();
        await speaking;
    }

    private async IAsyncEnumerable<string> ReplyAsync(string words, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (words == "slow")
        {
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                lock (_cancelled)
                {
                    _cancelled.Add(words);
                }
            }
        }

        await Task.Yield();
        yield return $"You said {words.TrimEnd('.')}.";
    }

    private static GatewayOptions Options(TimeSpan silence) => new()
    {
        Speech = new SpeechOptions { Vad = new SpeechVadOptions { Silence = silence, NoPacket = TimeSpan.FromSeconds(60), MaxUtterance = TimeSpan.FromSeconds(120) } },
    };

    private ConnectionHarness Harness(RecognizerServer server, double earlyStart)
    {
        SpeechProviderSettings settings = ProviderFixture.Settings(server.Address) with { EndsUtterance = true, EarlyStart = TimeSpan.FromSeconds(earlyStart) };
        return new ConnectionHarness(
            gateway: earlyStart > 0 ? s_patient : s_quick,
            llm: new FakeChatClientFactory(_ => _model),
            voices: new SpeechProviders(new FunAsrRecognizer(settings), new FakeSynthesizer()));
    }

    /// <summary>A device that has spoken and whose microphone now hears silence, until the test stops it.</summary>
    private async Task<(ScriptedDevice Device, Task Speaking)> SpeakingAsync(ConnectionHarness harness, string listen)
    {
        ScriptedDevice device = await ListeningAsync(harness, listen);
        await SpeakAsync(device, TestSound.Voice(600));
        byte[][] silence = [.. TestSound.Packets(new short[TestSound.SamplesPerFrame * 8])];
        return (device, Task.Run(async () =>
        {
            while (!_microphone.IsCancellationRequested)
            {
                await device.SendFrameAsync(Protocol.Framing.Opcode.Binary, silence[^1]);
                await Task.Delay(TestSound.FrameMs);
            }
        }));
    }

    /// <summary>A FunASR server that says what the test wants, on its first connection.</summary>
    private sealed class RecognizerServer : IAsyncDisposable
    {
        private readonly Channel<string> _messages = Channel.CreateUnbounded<string>();
        private LoopbackServer? _server;

        public string Address => _server!.Address;

        public static async Task<RecognizerServer> StartAsync()
        {
            var server = new RecognizerServer();
            server._server = await LoopbackServer.StartAsync(async (_, context) =>
            {
                using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync("binary");
                Task reading = ReadAsync(socket);
                await foreach (string message in server._messages.Reader.ReadAllAsync(context.RequestAborted))
                {
                    await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
                }

                await reading;
            });
            return server;
        }

        public void Say(string mode, string text) => _messages.Writer.TryWrite($$"""{"mode":"{{mode}}","text":"{{text}}","is_final":false}""");

        public async ValueTask DisposeAsync()
        {
            _messages.Writer.TryComplete();
            await _server!.DisposeAsync();
        }

        private static async Task ReadAsync(WebSocket socket)
        {
            byte[] buffer = new byte[64 * 1024];
            try
            {
                while ((await socket.ReceiveAsync(buffer, CancellationToken.None)).MessageType != WebSocketMessageType.Close)
                {
                }
            }
            catch (WebSocketException)
            {
                // The client has cut the connection.
            }
        }
    }
}
