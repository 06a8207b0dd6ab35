using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Conversations;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Speech;

/// <summary>
/// Whole conversations with engines of other projects: espeak-ng speaks for the user and for the gateway, pocketsphinx understands both. It
/// knows the phrases of <c>phrases.gram</c> and finds no words in other sound.
/// </summary>
public sealed class SpokenConversationTests
{
    private static readonly (string Question, string Answer)[] s_turns =
    [
        ("turn on the kitchen light", "The light is burning now."),
        ("tell me a story please", "Once upon a time there was a king."),
        ("what is the weather tomorrow", "It will rain in the afternoon."),
    ];

    [RequiresProgramFact(RequiredProgram.Pocketsphinx)]
    public async Task A_device_speaks_with_a_scripted_model()
    {
        await using PocketsphinxServer ears = await PocketsphinxServer.StartAsync();
        await using ConversationGateway gateway = await ConversationGateway.StartAsync(
            static (_, request) => LlmReply.Says(Array.Find(s_turns, turn => IsLike(turn.Question, request.LastUser)).Answer ?? "Stop."), Options(ears));
        using SpeakingDevice device = await SpeakingDevice.ConnectAsync(gateway.Gateway, "speaker");
        foreach ((string question, string answer) in s_turns)
        {
            await device.ListenAsync("auto");
            SpokenReply reply = await AskAsync(device, question);
            Assert.True(IsLike(question, reply.Words), $"said '{question}', understood '{reply.Words}'");
            Assert.Equal(answer, string.Concat(reply.Sentences));
            Assert.StartsWith("stt, llm, tts start, tts sentence_start, sound", reply.Order, StringComparison.Ordinal);
            Assert.EndsWith("sound, tts stop", reply.Order, StringComparison.Ordinal);
            string heard = await ears.RecognizeAsync(reply.Samples, SpeakingDevice.HeardRate);
            Assert.True(IsLike(answer, heard), $"answered '{answer}', heard '{heard}' in {reply.Frames} frames");
        }

        await device.AssertSilentAsync();
        Assert.Equal(0, await gateway.Admin.MetricAsync("fastgate_speech_frames_dropped_total"));
        Assert.Equal(0, await gateway.Gateway.TerminateAsync());
    }

    /// <summary>The embedded model repeats what it hears: question and answer are the same words. The device continues without a new start.</summary>
    [RequiresProgramFact(RequiredProgram.Pocketsphinx)]
    public async Task A_device_in_realtime_mode_speaks_with_the_embedded_model()
    {
        await using PocketsphinxServer ears = await PocketsphinxServer.StartAsync();
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(Options(ears));
        using SpeakingDevice device = await SpeakingDevice.ConnectAsync(gateway, "repeater", new MicrophoneSettings { SampleRate = 24_000, FrameMs = 20 });
        await device.ListenAsync("realtime");
        foreach ((string question, _) in s_turns.Take(2))
        {
            SpokenReply reply = await AskAsync(device, question);
            Assert.True(IsLike(question, reply.Words), $"said '{question}', understood '{reply.Words}'");
            string heard = await ears.RecognizeAsync(reply.Samples, SpeakingDevice.HeardRate);
            Assert.True(IsLike(question, heard), $"answered '{question}', heard '{heard}' in {reply.Frames} frames");
        }
    }

    /// <summary>Noise and unknown words are no turn: the model is not asked, and the device is heard again without a new start.</summary>
    [RequiresProgramFact(RequiredProgram.Pocketsphinx)]
    public async Task Sound_without_words_is_no_turn()
    {
        await using PocketsphinxServer ears = await PocketsphinxServer.StartAsync();
        await using ConversationGateway gateway = await ConversationGateway.StartAsync(static (_, _) => LlmReply.Says("Good morning."), Options(ears));
        using SpeakingDevice device = await SpeakingDevice.ConnectAsync(gateway.Gateway, "mumbler");
        await device.ListenAsync("auto");
        await device.SpeakAsync(await EspeakVoice.SayAsync("bababa bobobo bububu", 16_000, silenceMs: 700));
        await Eventually.ValueAsync(() => gateway.Admin.MetricAsync("fastgate_speech_stage_seconds_count", "recognition"), static count => count == 1);
        Assert.Empty(gateway.Llm.Received);
        SpokenReply reply = await AskAsync(device, "what is the weather tomorrow");
        Assert.True(IsLike("what is the weather tomorrow", reply.Words), reply.Words);
        Assert.Single(gateway.Llm.Received);
    }

    private static string[] Options(PocketsphinxServer ears) =>
    [
        "--FastGate:Speech:Asr:Providers:ears:Type=openai",
        $"--FastGate:Speech:Asr:Providers:ears:BaseUrl={ears.Address}",
        "--FastGate:Speech:Asr:Providers:ears:FirstTimeout=00:01:00",
        "--FastGate:Speech:Tts:Providers:mouth:Type=espeak",
        "--FastGate:Speech:Tts:Providers:mouth:Voice=en-us",
    ];

    private static async Task<SpokenReply> AskAsync(SpeakingDevice device, string question)
    {
        Task<SpokenReply> hearing = device.HearAsync();
        await device.SpeakAsync(await EspeakVoice.SayAsync(question, device.SampleRate, silenceMs: 700));
        return await hearing;
    }

    /// <summary>True when half of the longer words were understood: a recogniser may miss a word.</summary>
    private static bool IsLike(string said, string? understood)
    {
        string[] words = [.. Words(said).Where(static word => word.Length > 3)];
        HashSet<string> found = [.. Words(understood ?? "")];
        return 2 * words.Count(found.Contains) >= words.Length;
    }

    private static string[] Words(string text) =>
        text.ToUpperInvariant().Split([' ', ',', '.', '?'], StringSplitOptions.RemoveEmptyEntries);
}
