using System.Text.Json;
using FastGate.Configuration.Options;
using FastGate.Sessions;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;

namespace FastGate.Tests.Sessions;

/// <summary>Every text that a user hears or reads, in both languages, and how the language of a device is found.</summary>
public sealed class SessionLanguageTests
{
    private const string Chinese = "zh-CN,zh;q=0.9";
    private const string English = "en-US";
    private static readonly SessionOptions s_defaults = new();

    /// <summary>The words on the wire of each text, in Chinese and in English.</summary>
    private static readonly Dictionary<string, (string Zh, string En)> s_texts = new()
    {
        ["greeting"] = (s_defaults.Greeting, EnglishTexts.Greeting),
        ["busy"] = (s_defaults.BusyText, EnglishTexts.BusyText),
        ["error"] = (s_defaults.SystemErrorResponse, EnglishTexts.SystemErrorResponse),
        ["warning"] = ("连接将因长时间空闲而关闭，如需继续请发送任意消息。", "The connection is about to close because it has been idle. Send any message to keep it."),
        ["replaced"] = ("检测到新连接，当前通道将于约1.5秒后关闭以切换到新通道", "A new connection of this device was found. This one closes in about 1.5 seconds."),
        ["registration"] = ("设备注册失败", "Device registration failed"),
        ["restart"] = ("服务器重启中...", "The server is restarting..."),
        ["reload"] = ("配置更新成功", "The configuration has been updated"),
        ["reload failed"] = ("更新服务器配置失败", "The configuration could not be updated"),
        ["secret"] = ("服务器密钥验证失败", "The server secret is wrong"),
    };

    public static TheoryData<string, string> Texts
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (string text in s_texts.Keys)
            {
                rows.Add(text, "zh");
                rows.Add(text, "en");
            }

            return rows;
        }
    }

    [Theory, MemberData(nameof(Texts))]
    public async Task Every_text_is_said_in_the_configured_language(string text, string language)
    {
        bool isEnglish = language == "en";
        var session = new SessionOptions { Language = isEnglish ? SessionLanguage.En : SessionLanguage.Zh };

        // The header and the words are in the other language: the option wins.
        string said = await HearAsync(text, session, isEnglish ? Chinese : English, isEnglish ? "讲个故事" : "tell me a story");

        Assert.Equal(isEnglish ? s_texts[text].En : s_texts[text].Zh, said);
    }

    [Theory, MemberData(nameof(Texts))]
    public async Task Every_text_is_said_in_the_language_of_the_handshake(string text, string language)
    {
        bool isEnglish = language == "en";

        string said = await HearAsync(text, new SessionOptions(), isEnglish ? English : Chinese, isEnglish ? "讲个故事" : "tell me a story");

        Assert.Equal(isEnglish ? s_texts[text].En : s_texts[text].Zh, said);
    }

    [Fact]
    public void Every_text_is_in_the_table_of_the_operations_guide()
    {
        string guide = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "operations.md"));

        Assert.All(s_texts.Values, text => Assert.Contains($"| {text.Zh} | {text.En} |", guide, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, null, "讲个故事", false)]
    [InlineData(null, null, "tell me a story", true)]
    [InlineData(null, null, "12345", false)]
    [InlineData(null, English, "讲个故事", true)]
    [InlineData(null, "*", "tell me a story", true)]
    [InlineData(SessionLanguage.Zh, English, "tell me a story", false)]
    [InlineData(SessionLanguage.En, null, "讲个故事", true)]
    public async Task Ota_precedes_the_handshake_and_the_handshake_the_words(object? ota, string? header, string words, bool isEnglish)
    {
        string said = await HearAsync("error", new SessionOptions(), header, words, (SessionLanguage?)ota);

        Assert.Equal(isEnglish ? EnglishTexts.SystemErrorResponse : s_defaults.SystemErrorResponse, said);
    }

    [Theory]
    [InlineData("greeting")]
    [InlineData("busy")]
    [InlineData("error")]
    public async Task A_configured_text_is_said_in_every_language(string text)
    {
        var session = new SessionOptions { Language = SessionLanguage.En, Greeting = "自己的", BusyText = "自己的", SystemErrorResponse = "自己的" };

        Assert.Equal("自己的", await HearAsync(text, session, English, "tell me a story"));
    }

    [Fact]
    public async Task Words_do_not_change_the_language_of_management_replies()
    {
        using var harness = new ConnectionHarness(gateway: new GatewayOptions { Management = new ManagementOptions { Secret = "secret" } }, llm: Failing());
        ScriptedDevice device = await harness.UpgradedAsync();
        await SayAsync(device, "tell me a story");
        await SentenceAsync(device);

        await device.SendTextAsync("""{"type":"server","action":"restart","content":{"secret":"wrong"}}""");
        Assert.Equal(s_texts["secret"].Zh, await MessageAsync(device));
        await device.SendTextAsync("""{"type":"server","action":"restart","content":{"secret":"secret"}}""");
        Assert.Equal(s_texts["restart"].Zh, await MessageAsync(device));
    }

    [Fact]
    public async Task Language_follows_the_words_of_each_utterance()
    {
        using var harness = new ConnectionHarness(llm: Failing());
        ScriptedDevice device = await harness.UpgradedAsync();

        await SayAsync(device, "讲个故事");
        Assert.Equal(s_defaults.SystemErrorResponse, await SentenceAsync(device));
        await SayAsync(device, "tell me a story");
        Assert.Equal(EnglishTexts.SystemErrorResponse, await SentenceAsync(device));
        await SayAsync(device, "12345");
        Assert.Equal(EnglishTexts.SystemErrorResponse, await SentenceAsync(device));
    }

    [Theory]
    [InlineData("", "zh", "你是小智", "当前时间：", "设备：")]
    [InlineData("", "en", "You are Xiaozhi", "Current time: ", "Device: ")]
    [InlineData("自己的提示", "en", "自己的提示", "Current time: ", "Device: ")]
    public async Task System_prompt_is_in_the_language_of_the_turn(string prompt, string language, params string[] parts)
    {
        var llm = FakeChatClient.Saying("好。");
        SessionOptions session = prompt.Length > 0 ? new SessionOptions { Prompt = prompt } : s_defaults;
        using var harness = new ConnectionHarness(gateway: new GatewayOptions { Session = session }, llm: new FakeChatClientFactory(_ => llm));
        ScriptedDevice device = await harness.UpgradedAsync();

        await SayAsync(device, language == "en" ? "tell me a story" : "讲个故事");
        await SentenceAsync(device);

        Assert.All(parts, part => Assert.Contains(part, llm.LastMessages[0].Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SessionLanguage.Auto, "Goodbye!", true)]
    [InlineData(SessionLanguage.Auto, "再见", true)]
    [InlineData(SessionLanguage.En, "再见", true)]
    [InlineData(SessionLanguage.Zh, "Goodbye!", false)]
    [InlineData(SessionLanguage.Zh, "再见", true)]
    public void Default_exit_commands_are_known_in_the_languages_of_the_user(object language, string words, bool isKnown)
    {
        var texts = new SessionTexts(new SessionOptions { Language = (SessionLanguage)language });

        Assert.Equal(isKnown, texts.IsExitCommand(SessionTexts.Bare(words)));
    }

    [Fact]
    public void Configured_words_replace_the_defaults_of_both_languages()
    {
        var texts = new SessionTexts(new SessionOptions { ExitCommands = ["halt"], WakeupWords = ["wake"] });

        Assert.True(texts.IsExitCommand("halt") && texts.IsWakeupWord("wake"));
        Assert.False(texts.IsExitCommand("goodbye") || texts.IsExitCommand("再见") || texts.IsWakeupWord("jarvis"));
    }

    /// <summary>Makes a gateway say one text to a device and returns its words.</summary>
    private static async Task<string> HearAsync(string text, SessionOptions session, string? acceptLanguage, string words, SessionLanguage? ota = null)
    {
        string headers = ScriptedDevice.DeviceHeaders + (acceptLanguage is null ? "" : $"Accept-Language: {acceptLanguage}\r\n");
        session = session with { WakeupWords = text == "greeting" ? [words] : [] };
        var silent = FakeChatClient.Silent();
        using var harness = new ConnectionHarness(
            new DeviceOptions { MaxConnections = text == "registration" ? 1 : 10 },
            new GatewayOptions
            {
                Session = session,
                Management = new ManagementOptions { Secret = "secret" },
                Workers = new WorkerOptions { Conversation = new ConversationWorkerOptions { Queue = 1, Concurrency = 1 } },
            },
            text == "busy" ? new FakeChatClientFactory(_ => silent) : Failing(),
            providers: ConversationBench.Read(
                [("Timeouts:FirstToken", "00:05:00"), ("Timeouts:Total", "00:05:00"), ("Providers:a:Type", "openai"), ("Providers:a:Model", "m"), ("Default", "a")]));
        harness.Management.ReloadSucceeds = text != "reload failed";
        harness.Services.Sessions.Languages.Remember("aa:bb:cc:dd:ee:ff", ota ?? SessionLanguage.Auto);
        if (text == "registration")
        {
            await harness.UpgradedAsync("Device-Id: first\r\n");
        }

        ScriptedDevice device = await harness.UpgradedAsync(headers);
        switch (text)
        {
            case "registration":
                return await device.ReceiveTextAsync();
            case "warning":
                await device.SendTextAsync("""{"type":"ping"}""");
                await device.ReceiveTextAsync();
                harness.Clock.Turn(TimeSpan.FromSeconds(121));
                return await MessageAsync(device);
            case "replaced":
                await harness.UpgradedAsync(headers);
                return await MessageAsync(device);
            case "restart":
                await device.SendTextAsync("""{"type":"server","action":"restart","content":{"secret":"secret"}}""");
                return await MessageAsync(device);
            case "reload" or "reload failed":
                await device.SendTextAsync("""{"type":"server","action":"update_config","content":{"secret":"secret"}}""");
                return await MessageAsync(device);
            case "secret":
                await device.SendTextAsync("""{"type":"server","action":"restart","content":{"secret":"wrong"}}""");
                return await MessageAsync(device);
            case "busy":
                await FillAsync(harness, silent);
                break;
        }

        await SayAsync(device, words);
        return await SentenceAsync(device);
    }

    /// <summary>One turn is at the provider and one waits, so the next is rejected.</summary>
    private static async Task FillAsync(ConnectionHarness harness, FakeChatClient silent)
    {
        await SayAsync(await harness.UpgradedAsync("Device-Id: running\r\n"), "在吗");
        await silent.Calls.ReachAsync(1);
        ScriptedDevice waiting = await harness.UpgradedAsync("Device-Id: waiting\r\n");
        await SayAsync(waiting, "在吗");
        await waiting.SendTextAsync("""{"type":"ping"}""");
        await ReadUntilAsync(waiting, "pong");
    }

    private static FakeChatClientFactory Failing() => new(_ => FakeChatClient.Failing(static () => new HttpRequestException("down")));

    private static async Task SayAsync(ScriptedDevice device, string text) =>
        await device.SendTextAsync($$"""{"type":"listen","state":"detect","text":"{{text}}"}""");

    /// <summary>The words of the only sentence of the next turn.</summary>
    private static async Task<string> SentenceAsync(ScriptedDevice device)
    {
        using var message = JsonDocument.Parse(await ReadUntilAsync(device, "sentence_start"));
        await ReadUntilAsync(device, "\"stop\"");
        return message.RootElement.GetProperty("text").GetString()!;
    }

    private static async Task<string> MessageAsync(ScriptedDevice device)
    {
        using var message = JsonDocument.Parse(await device.ReceiveTextAsync());
        return message.RootElement.GetProperty("message").GetString()!;
    }

    private static async Task<string> ReadUntilAsync(ScriptedDevice device, string part)
    {
        string text;
        do
        {
            text = await device.ReceiveTextAsync();
        }
        while (!text.Contains(part, StringComparison.Ordinal));
        return text;
    }
}
