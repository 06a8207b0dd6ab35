using System.Text.Json;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Testing;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Sessions;

/// <summary>Results of the user's words: a turn, a greeting, a goodbye, or the busy line.</summary>
public sealed class UtteranceTests
{
    private static readonly SessionOptions s_texts = new();

    [Fact]
    public async Task Messages_of_a_turn_arrive_in_the_order_that_a_device_needs()
    {
        using var harness = new ConnectionHarness();
        ScriptedDevice device = await harness.UpgradedAsync();

        await SayAsync(device, "你在吗？");

        Assert.Equal(["stt", "llm", "tts start", "tts sentence_start", "tts stop"], await TurnAsync(device));
    }

    [Fact]
    public async Task A_too_long_utterance_is_cut_between_characters_before_it_is_echoed_or_sent()
    {
        var llm = FakeChatClient.Saying("好。");
        using var harness = new ConnectionHarness(llm: new FakeChatClientFactory(_ => llm));
        ScriptedDevice device = await harness.UpgradedAsync();
        string expected = new string('a', 3_999);

        // The character that crosses the limit is removed as a whole.
        await SayAsync(device, $"  {expected}𠮷𠮷b");

        using var echo = JsonDocument.Parse(await device.ReceiveTextAsync());
        Assert.Equal("stt", echo.RootElement.GetProperty("type").GetString());
        Assert.Equal(expected, echo.RootElement.GetProperty("text").GetString());
        await TurnAsync(device);
        Assert.Equal(expected, llm.LastMessages[^1].Text);
    }

    [Fact]
    public async Task A_wake_word_gets_the_greeting_without_a_call()
    {
        var llm = FakeChatClient.Silent();
        using var harness = new ConnectionHarness(llm: new FakeChatClientFactory(_ => llm));
        ScriptedDevice device = await harness.UpgradedAsync();
        List<string> texts = [];

        await SayAsync(device, "你好，小智！");

        Assert.Equal(["stt", "llm", "tts start", "tts sentence_start", "tts stop"], await TurnAsync(device, texts));
        Assert.Contains(s_texts.Greeting, texts);
        Assert.Equal(0, llm.Calls.Value);
    }

    [Fact]
    public async Task An_exit_command_gets_a_reply_and_ends_the_session()
    {
        using var harness = new ConnectionHarness();
        ScriptedDevice device = await harness.UpgradedAsync();

        await SayAsync(device, "再见。");

        Assert.Equal("tts stop", (await TurnAsync(device))[^1]);
        Assert.Equal(CloseStatus.Normal, await device.ReceiveCloseAsync());
        await device.SendCloseAsync(CloseStatus.Normal);
        await harness.EndAsync();
        Assert.Equal(1, harness.Metrics.EndedBy(ConnectionEndReason.SessionEnded));
    }

    [Fact]
    public async Task Without_a_goodbye_an_exit_command_closes_at_once()
    {
        using var harness = new ConnectionHarness(
            gateway: new GatewayOptions { Session = new SessionOptions { Goodbye = false } },
            llm: new FakeChatClientFactory(static _ => throw new InvalidOperationException("no provider is called")));
        ScriptedDevice device = await harness.UpgradedAsync();

        await SayAsync(device, "再见。");

        Assert.Contains("\"stt\"", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        Assert.Equal(CloseStatus.Normal, await device.ReceiveCloseAsync());
        await device.SendCloseAsync(CloseStatus.Normal);
        await harness.EndAsync();
        Assert.Equal(1, harness.Metrics.EndedBy(ConnectionEndReason.SessionEnded));
    }

    [Fact]
    public async Task A_fixed_goodbye_ends_the_session_without_a_call()
    {
        var llm = FakeChatClient.Silent();
        using var harness = new ConnectionHarness(
            gateway: new GatewayOptions { Session = new SessionOptions { GoodbyeText = "慢走。" } }, llm: new FakeChatClientFactory(_ => llm));
        ScriptedDevice device = await harness.UpgradedAsync();
        List<string> texts = [];

        await SayAsync(device, "再见。");

        Assert.Equal(["stt", "llm", "tts start", "tts sentence_start", "tts stop"], await TurnAsync(device, texts));
        Assert.Contains("慢走。", texts);
        Assert.Equal(CloseStatus.Normal, await device.ReceiveCloseAsync());
        Assert.Equal(0, llm.Calls.Value);
    }

    [Fact]
    public async Task An_utterance_after_an_exit_command_keeps_the_session()
    {
        bool silent = true;
        using var harness = new ConnectionHarness(llm: new FakeChatClientFactory(_ => new FakeChatClient(
            (_, cancellationToken) => Volatile.Read(ref silent) ? SilentAsync(cancellationToken) : SpeakAsync())));
        ScriptedDevice device = await harness.UpgradedAsync();
        await SayAsync(device, "再见");
        Volatile.Write(ref silent, false);

        await SayAsync(device, "等等，还有一件事");

        await TurnAsync(device);
        await device.SendTextAsync("""{"type":"ping"}""");
        Assert.Equal("""{"type":"pong"}""", await device.ReceiveTextAsync());
    }

    [Fact]
    public async Task Goodbye_ends_the_session()
    {
        using var harness = new ConnectionHarness();
        ScriptedDevice device = await harness.UpgradedAsync();

        await device.SendTextAsync("""{"type":"goodbye"}""");

        Assert.Equal(CloseStatus.Normal, await device.ReceiveCloseAsync());
    }

    [Fact]
    public async Task A_full_queue_is_answered_with_the_busy_line()
    {
        const int Places = 2;
        using var harness = new ConnectionHarness(
            gateway: new GatewayOptions { Workers = new WorkerOptions { Conversation = new ConversationWorkerOptions { Queue = Places, Concurrency = 1 } } },
            llm: new FakeChatClientFactory(_ => FakeChatClient.Silent()));

        // One turn is at the provider, as many as there are places wait, and at least one is rejected.
        var devices = new List<ScriptedDevice>();
        for (int i = 0; i < Places + 3; i++)
        {
            devices.Add(await harness.UpgradedAsync($"Device-Id: device-{i}\r\n"));
            await SayAsync(devices[i], "在吗");
        }

        Assert.True(harness.SessionMetrics.Busy.Value > 0);
        List<string> texts = [];
        Assert.Equal(["stt", "llm", "tts start", "tts sentence_start", "tts stop"], await TurnAsync(devices[^1], texts));
        Assert.Contains(s_texts.BusyText, texts);
        await devices[^1].SendTextAsync("""{"type":"ping"}""");
        Assert.Equal("""{"type":"pong"}""", await devices[^1].ReceiveTextAsync());
    }

    private static async Task SayAsync(ScriptedDevice device, string text) =>
        await device.SendTextAsync($$"""{"type":"listen","state":"detect","text":"{{text}}"}""");

    /// <summary>The types and states of all messages up to the end of the turn; repeated sentences count once.</summary>
    private static async Task<List<string>> TurnAsync(ScriptedDevice device, List<string>? texts = null)
    {
        var kinds = new List<string>();
        do
        {
            using var message = JsonDocument.Parse(await device.ReceiveTextAsync());
            JsonElement root = message.RootElement;
            string kind = root.GetProperty("type").GetString()!;
            kind = root.TryGetProperty("state", out JsonElement state) ? $"{kind} {state.GetString()}" : kind;
            if (kinds.Count == 0 || kinds[^1] != kind)
            {
                kinds.Add(kind);
            }

            if (root.TryGetProperty("text", out JsonElement text))
            {
                texts?.Add(text.GetString()!);
            }
        }
        while (kinds[^1] != "tts stop");
        return kinds;
    }

    private static async IAsyncEnumerable<string> SpeakAsync()
    {
        await Task.Yield();
        yield return "好的。";
    }

    private static async IAsyncEnumerable<string> SilentAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        yield break;
    }
}
