using System.Globalization;
using FastGate.FunctionalTests.BadInputs;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Conversations;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Speech;

/// <summary>The page <c>/talk</c> in a real browser, whose microphone plays synthesised speech.</summary>
public sealed class TalkPageTests
{
    [RequiresProgramTheory(RequiredProgram.SpeakingBrowser)]
    [InlineData("auto", "2")]
    [InlineData("realtime", "1")]
    [InlineData("manual", "3")]
    public async Task The_page_hears_what_its_microphone_said(string mode, string version)
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        using RecordedSpeech speech = await RecordedSpeech.MakeAsync("Good morning. What is the weather like today?");
        await using Chromium page = await OpenAsync(gateway, speech);
        await page.SetAsync("mode", mode);
        await page.SetAsync("version", version);
        Assert.Equal("", await page.TextAsync("missing"));
        await page.ClickAsync("connect");
        await page.WaitAsync("document.body.dataset.state === 'ready'");

        await page.ClickAsync("listen");
        if (mode == "manual")
        {
            // The user holds the button while speaking.
            await page.WaitAsync("document.getElementById('sent').textContent > 50");
            await page.ClickAsync("listen");
        }

        await page.WaitAsync("document.getElementById('decoded').textContent > 15");
        Assert.Contains("🔁", await page.TextAsync("transcript"), StringComparison.Ordinal);
        await page.WaitAsync("document.body.dataset.state !== 'speaking'");
        await page.WaitAsync("document.getElementById('decoded').textContent === document.getElementById('received').textContent");
        Assert.Equal(version == "2" ? "0" : "–", await page.TextAsync("lost"));
        Assert.EndsWith(" ms", await page.TextAsync("latency"), StringComparison.Ordinal);
        Assert.Empty(page.Problems);
    }

    /// <summary>Typed text is answered without a recogniser, and markup in it is text. The answer would be spoken for longer than a minute.</summary>
    [RequiresProgramFact(RequiredProgram.SpeakingBrowser)]
    public async Task Typed_text_is_answered_and_the_answer_interrupted()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Speech:Tts:Providers:mouth:Type=espeak");
        using var speech = RecordedSpeech.Silence();
        await using Chromium page = await OpenAsync(gateway, speech);
        await page.ClickAsync("connect");
        await page.WaitAsync("document.body.dataset.state === 'ready'");
        string text = "<b>Anyone</b> there? " + string.Concat(Enumerable.Repeat("This sentence is one of many. ", 50)).Trim();
        await page.SetAsync("text", text);
        await page.ClickAsync("send");
        await page.WaitAsync("document.querySelector('#transcript .device')?.textContent.includes('<b>Anyone</b> there?') === true");
        Assert.Equal(text, await page.EvaluateAsync("document.querySelector('#transcript .user').textContent"));

        await page.WaitAsync("document.getElementById('decoded').textContent > 10");
        await page.ClickAsync("abort");
        await page.WaitAsync("document.getElementById('messages').textContent.includes('\"state\":\"stop\"')");
        await page.WaitAsync("document.body.dataset.state === 'ready'");
        Assert.InRange(int.Parse(await page.TextAsync("received"), CultureInfo.InvariantCulture), 0, 60 * 1000 / 60);
        Assert.Empty(page.Problems);
    }

    /// <summary>Microphone, recogniser, model, synthesiser and speaker: only the words and the answer are scripted.</summary>
    [RequiresProgramFact(RequiredProgram.SpeakingBrowser)]
    public async Task A_spoken_question_is_answered_aloud()
    {
        using ScriptedRecognizer ears = new("What is the weather like?");
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            static (_, request) => LlmReply.Says($"You asked: {request.LastUser} It is sunny."), [.. ConversationGateway.LongTimeouts, .. ears.Options]);
        using RecordedSpeech speech = await RecordedSpeech.MakeAsync("Good morning. What is the weather like today?");
        await using Chromium page = await OpenAsync(talk.Gateway, speech);
        await page.ClickAsync("connect");
        await page.WaitAsync("document.body.dataset.state === 'ready'");

        await page.ClickAsync("listen");
        await page.WaitAsync("document.getElementById('transcript').textContent.includes('It is sunny.')");
        await page.WaitAsync("document.getElementById('decoded').textContent > 30");
        Assert.Equal("What is the weather like?", await page.EvaluateAsync("document.querySelector('#transcript .user').textContent"));
        Assert.InRange(ears.Bytes, 16_000 * sizeof(short), 16_000 * sizeof(short) * 60);
        Assert.Empty(page.Problems);
    }

    /// <summary>The model asks the page for a quieter speaker, and the page is.</summary>
    [RequiresProgramFact(RequiredProgram.SpeakingBrowser)]
    public async Task A_spoken_request_is_done_by_a_tool_of_the_page()
    {
        using ScriptedRecognizer ears = new("Turn the volume down, please.");
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            static (_, request) => request.Body.GetRawText().Contains("\"role\":\"tool\"", StringComparison.Ordinal)
                ? LlmReply.Says("The volume is twenty now.")
                : LlmReply.Calls(new LlmToolCall("self_audio_speaker_set_volume", """{"volume":20}""")),
            [.. ConversationGateway.LongTimeouts, .. ears.Options]);
        using RecordedSpeech speech = await RecordedSpeech.MakeAsync("Turn the volume down, please.");
        await using Chromium page = await OpenAsync(talk.Gateway, speech);
        await page.ClickAsync("connect");
        await page.WaitAsync("document.body.dataset.state === 'ready'");
        await Eventually.ValueAsync(() => talk.Admin.MetricAsync("fastgate_tools_device_lists_total", "outcome=\"listed\"", mayBeUnused: true), static lists => lists == 1);

        await page.ClickAsync("listen");
        await page.WaitAsync("document.getElementById('transcript').textContent.includes('The volume is twenty now.')");
        Assert.Equal("20", await page.EvaluateAsync("document.getElementById('volume').value"));
        Assert.StartsWith("self.audio_speaker.set_volume({\"volume\":20})", await page.TextAsync("calls"), StringComparison.Ordinal);
        await page.WaitAsync("document.getElementById('decoded').textContent > 20");
        Assert.Empty(page.Problems);
    }

    /// <summary>A page that must authenticate asks the OTA address for a token, as a device does at boot.</summary>
    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task A_page_gets_a_token_where_devices_get_theirs()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(
            "--FastGate:Auth:Enabled=true", $"--FastGate:Auth:Key={AuthenticatingGateway.Key}", "--FastGate:Admin:Token=open-sesame");
        using var speech = RecordedSpeech.Silence();
        await using Chromium page = await OpenAsync(gateway, speech);
        await page.ClickAsync("connect");
        await page.WaitAsync("document.querySelector('#transcript .note') !== null");
        Assert.Equal("off", await page.EvaluateAsync("document.body.dataset.state"));

        await page.ClickAsync("boot");
        await page.WaitAsync("document.getElementById('token').value !== ''");
        await page.ClickAsync("connect");
        await page.WaitAsync("document.body.dataset.state === 'ready'");
    }

    private static async Task<Chromium> OpenAsync(GatewayProcess gateway, RecordedSpeech speech)
    {
        Chromium browser = await Chromium.StartAsync(speech.Path);
        await browser.OpenAsync(gateway.AdminUri("/talk"));
        return browser;
    }
}
