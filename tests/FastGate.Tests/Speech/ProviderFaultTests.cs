using System.Net.WebSockets;
using FastGate.Configuration.Options;
using FastGate.Speech;
using FastGate.Speech.Settings;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace FastGate.Tests.Speech;

/// <summary>
/// A device whose recogniser or synthesiser fails once, on sockets: it hears the error line or sees the text, stays connected, and its next turn works.
/// Nothing is held afterwards.
/// </summary>
public sealed class ProviderFaultTests : IDisposable
{
    private static readonly byte[] s_sound = System.Runtime.InteropServices.MemoryMarshal.AsBytes(TestSound.Voice(300).AsSpan()).ToArray();

    private readonly ProviderFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("openai", "kill")]
    [InlineData("openai", "hang")]
    [InlineData("openai", "garble")]
    [InlineData("funasr", "kill")]
    [InlineData("funasr", "hang")]
    [InlineData("funasr", "garble")]
    public async Task A_recogniser_that_fails_once_costs_one_error_line(string type, string fault)
    {
        await using LoopbackServer recognizer = await LoopbackServer.StartAsync((number, context) => RecognizeAsync(type, number == 1 ? fault : "", context));
        await using LoopbackServer synthesizer = await LoopbackServer.StartAsync(static (_, context) => context.Response.Body.WriteAsync(s_sound).AsTask());
        using ConnectionHarness harness = Conversing(type, recognizer, synthesizer, fault);
        ScriptedDevice device = await SpokenExchange.ListeningAsync(harness, SpokenExchange.Start);
        await SpokenExchange.SayAsync(device);
        SpokenExchange.Heard first = await SpokenExchange.HearAsync(device);
        Assert.Contains(new SessionOptions().SystemErrorResponse, first.Order, StringComparison.Ordinal);

        await device.SendTextAsync(SpokenExchange.Start);
        await SpokenExchange.SayAsync(device);
        SpokenExchange.Heard second = await SpokenExchange.HearAsync(device);
        Assert.Equal("stt hello, llm, tts start, You said hello., sound, tts stop", second.Order);
        await AssertNothingIsHeldAsync(harness, recognizer, synthesizer);
        Assert.NotNull(harness.Speech.Explain().Recognizers[0].LastError);
    }

    [Theory]
    [InlineData("kill", false)]
    [InlineData("hang", false)]
    [InlineData("garble", false)]
    [InlineData("hang later", true)]
    public async Task A_synthesiser_that_fails_once_leaves_the_text(string fault, bool hasSound)
    {
        await using LoopbackServer recognizer = await LoopbackServer.StartAsync(static (_, context) => RecognizeAsync("openai", "", context));
        await using LoopbackServer synthesizer = await LoopbackServer.StartAsync((number, context) => SynthesizeAsync(number == 1 ? fault : "", context));
        using ConnectionHarness harness = Conversing("openai", recognizer, synthesizer, fault);
        ScriptedDevice device = await SpokenExchange.ListeningAsync(harness, SpokenExchange.Start);
        await SpokenExchange.SayAsync(device);
        SpokenExchange.Heard first = await SpokenExchange.HearAsync(device);
        Assert.Equal($"stt hello, llm, tts start, You said hello., {(hasSound ? "sound, " : "")}tts stop", first.Order);

        await device.SendTextAsync(SpokenExchange.Start);
        await SpokenExchange.SayAsync(device);
        SpokenExchange.Heard second = await SpokenExchange.HearAsync(device);
        Assert.Equal("stt hello, llm, tts start, You said hello., sound, tts stop", second.Order);
        await AssertNothingIsHeldAsync(harness, recognizer, synthesizer);
        Assert.NotNull(harness.Speech.Explain().Synthesizers[0].LastError);
    }

    private static async Task AssertNothingIsHeldAsync(ConnectionHarness harness, LoopbackServer recognizer, LoopbackServer synthesizer)
    {
        await Eventually.TrueAsync(
            () => harness.Speech.Explain() is { MemoryInUse: 0 } speech && speech.Recognizers.Concat(speech.Synthesizers).All(static provider => provider.SlotsInUse == 0),
            "slots and memory are given back");
        await recognizer.Ended.ReachAsync(recognizer.Requests.Value);
        await synthesizer.Ended.ReachAsync(synthesizer.Requests.Value);
    }

    private static async Task RecognizeAsync(string type, string fault, HttpContext context)
    {
        switch (fault)
        {
            case "kill":
                context.Abort();
                return;
            case "hang":
                await LoopbackServer.HangAsync(context);
                return;
            case "garble" when type == "openai":
                await context.Response.WriteAsync("{\"text\":\u0001");
                return;
        }

        if (type == "openai")
        {
            await context.Response.WriteAsync("""{"text":"hello"}""");
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync("binary");
        byte[] buffer = new byte[64 * 1024];
        while (!System.Text.Encoding.UTF8.GetString(buffer, 0, (await socket.ReceiveAsync(buffer, CancellationToken.None)).Count).Contains("\"is_speaking\":false", StringComparison.Ordinal))
        {
        }

        byte[] answer = fault == "garble" ? new byte[300 * 1024] : """{"mode":"2pass-offline","text":"hello","is_final":true}"""u8.ToArray();
        await socket.SendAsync(answer, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
    }

    private static async Task SynthesizeAsync(string fault, HttpContext context)
    {
        switch (fault)
        {
            case "kill":
                context.Abort();
                break;
            case "hang":
                await LoopbackServer.HangAsync(context);
                break;
            case "garble":
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("{}");
                break;
            case "hang later":
                await LoopbackServer.WriteAsync(context, s_sound, s_sound.Length);
                await LoopbackServer.HangAsync(context);
                break;
            default:
                await context.Response.Body.WriteAsync(s_sound);
                break;
        }
    }

    /// <summary>The limits end only calls that hang, so the others have much.</summary>
    private ConnectionHarness Conversing(string type, LoopbackServer recognizer, LoopbackServer synthesizer, string fault)
    {
        string limit = fault.StartsWith("hang", StringComparison.Ordinal) ? "2" : "30";
        var configuration = SpeechConfiguration.Read(
            new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Speech:Asr:Providers:ears:Type"] = type,
                ["Speech:Asr:Providers:ears:BaseUrl"] = recognizer.Address,
                ["Speech:Asr:Providers:ears:FirstTimeout"] = limit,
                ["Speech:Tts:Providers:voice:Type"] = "openai",
                ["Speech:Tts:Providers:voice:BaseUrl"] = synthesizer.Address,
                ["Speech:Tts:Providers:voice:SampleRate"] = "16000",
                ["Speech:Tts:Providers:voice:FirstTimeout"] = limit,
                ["Speech:Tts:Providers:voice:BetweenTimeout"] = limit,
            }).Build().GetSection("Speech"),
            static _ => null);
        Assert.Empty(configuration.Errors);
        return new ConnectionHarness(
            gateway: new GatewayOptions { Speech = new SpeechOptions { Vad = SpokenExchange.Vad } },
            llm: new FakeChatClientFactory(static _ => new FakeChatClient(static (messages, _) => SpokenTurnTests.ReplyAsync($"You said {messages[^1].Text}."))),
            voices: SpeechProviders.Create(configuration, _fixture.Metrics, TimeProvider.System));
    }
}
