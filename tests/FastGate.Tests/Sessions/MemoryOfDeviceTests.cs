using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Memory;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;
using FastGate.Tests.Memory;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Sessions;

/// <summary>The words of a device in memory, from the connection to the store.</summary>
public sealed class MemoryOfDeviceTests : IDisposable
{
    private readonly FakeMemoryStore _store = new();

    [Fact]
    public async Task Device_that_leaves_during_a_reply_is_summarised_with_the_heard_part()
    {
        var asked = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using ConnectionHarness harness = Harness((messages, cancellationToken) =>
        {
            if (messages[0].Text.Contains("整理", StringComparison.Ordinal))
            {
                asked.TrySetResult(messages[^1].Text);
                return SayAsync("用户叫小明");
            }

            return StallAsync(cancellationToken);
        });
        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendTextAsync("""{"type":"listen","state":"detect","text":"我叫小明"}""");
        await ReadUntilAsync(device, "从前有座山。");
        await device.SendCloseAsync(FastGate.Protocol.Framing.CloseStatus.Normal);
        await harness.EndAsync();

        string words = await asked.Task.WaitAsync(CountSignal.Timeout);
        Assert.Contains("我叫小明", words, StringComparison.Ordinal);
        Assert.Contains("从前有座山。" + Dialogue.InterruptedMark, words, StringComparison.Ordinal);
        await UntilAsync(() => harness.Summarizer.Status is { Devices: 0, InFlight: 0, Waiting: 0 });
        DeviceMemory kept = await harness.Memory.LoadAsync(_store.Exchanges[0].DeviceId, 10, CancellationToken.None);
        Assert.Equal("用户叫小明", kept.Summary);
    }

    [Fact]
    public async Task Device_leaves_once_even_if_its_close_takes_long()
    {
        int summaries = 0;
        using ConnectionHarness harness = Harness((messages, _) =>
        {
            if (messages[0].Text.Contains("整理", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref summaries);
            }

            return SayAsync("好。");
        }, devices: new DeviceOptions { Timeouts = new DeviceTimeouts { Close = TimeSpan.FromMinutes(1) } });
        ScriptedDevice former = await harness.UpgradedAsync();
        await TalkAsync(former, "我叫小明");
        harness.Connections().Single().RequestClose(FastGate.Diagnostics.ConnectionEndReason.IdleTimeout);
        await former.ReceiveCloseAsync();
        await UntilAsync(() => harness.Summarizer.Status is { Devices: 0, InFlight: 0, Waiting: 0 });

        // The device connects again before its old connection has ended; that end is not a second departure.
        ScriptedDevice device = await harness.UpgradedAsync();
        await TalkAsync(device, "我回来了");
        await former.SendCloseAsync(FastGate.Protocol.Framing.CloseStatus.Normal);
        await former.ReceiveEndAsync();
        await TalkAsync(device, "还在吗");
        await device.SendCloseAsync(FastGate.Protocol.Framing.CloseStatus.Normal);
        await harness.EndAsync();
        await UntilAsync(() => harness.Summarizer.Status is { Devices: 0, InFlight: 0, Waiting: 0 });
        Assert.Equal(2, Volatile.Read(ref summaries));
    }

    [Fact]
    public async Task Hello_and_the_first_turn_do_not_wait_for_a_blocked_store()
    {
        using ConnectionHarness harness = Harness((messages, _) => SayAsync($"{messages.Count} 好。"));
        _store.BlockReads();
        _store.BlockWrites();
        try
        {
            ScriptedDevice device = await harness.UpgradedAsync();
            await device.SendTextAsync("""{"type":"hello","version":1}""");
            Assert.Contains("hello", await device.ReceiveTextAsync(), StringComparison.Ordinal);
            for (int turn = 1; turn <= 3; turn++)
            {
                await device.SendTextAsync("""{"type":"listen","state":"detect","text":"在吗"}""");
                await ReadUntilAsync(device, $"{turn * 2} 好。");
                await ReadUntilAsync(device, "stop");
            }

            Assert.Empty(_store.Exchanges);
        }
        finally
        {
            _store.ReleaseReads();
            _store.ReleaseWrites();
        }

        await UntilAsync(() => _store.Exchanges.Count == 3);
    }

    [Fact]
    public async Task Erasure_applies_to_a_connected_device()
    {
        var prompts = new List<string>();
        using ConnectionHarness harness = Harness((messages, _) =>
        {
            lock (prompts)
            {
                prompts.Add(string.Join('|', messages.Select(static message => message.Text)));
            }

            return SayAsync("好。");
        });
        ScriptedDevice device = await harness.UpgradedAsync();
        await TalkAsync(device, "我叫小明");
        await TalkAsync(device, "我叫什么");
        Assert.Contains("小明", prompts[^1], StringComparison.Ordinal);
        await harness.Memory.EraseAsync(harness.Connections()[0].DeviceId, CancellationToken.None).WaitAsync(CountSignal.Timeout);
        await TalkAsync(device, "现在呢");
        Assert.DoesNotContain("小明", prompts[^1], StringComparison.Ordinal);
        await TalkAsync(device, "还记得吗");
        Assert.Contains("现在呢", prompts[^1], StringComparison.Ordinal);
        await harness.Memory.FlushAsync(CancellationToken.None).WaitAsync(CountSignal.Timeout);
        Assert.Equal(["现在呢", "还记得吗"], _store.Exchanges.Select(static turn => turn.User));
    }

    [Fact]
    public async Task A_null_character_in_words_and_reply_is_removed_before_they_are_stored()
    {
        using var database = new TemporaryDatabase();
        using (ConnectionHarness harness = Harness((_, _) => SayAsync("好\0的。"), database.Store()))
        {
            ScriptedDevice device = await harness.UpgradedAsync();
            await TalkAsync(device, @"我叫\u0000小明");
            await harness.Memory.FlushAsync(CancellationToken.None).WaitAsync(CountSignal.Timeout);
            DeviceMemory kept = await harness.Memory.LoadAsync(harness.Connections()[0].DeviceId, 10, CancellationToken.None);
            StoredExchange exchange = Assert.Single(kept.Exchanges);
            Assert.Equal(("我叫小明", "好的。"), (exchange.User, exchange.Assistant));
        }
    }

    public void Dispose() => _store.Dispose();

    private ConnectionHarness Harness(
        Func<IReadOnlyList<ChatMessage>, CancellationToken, IAsyncEnumerable<string>> reply,
        IMemoryStore? store = null,
        DeviceOptions? devices = null) => new(
        devices: devices,
        llm: new FakeChatClientFactory(_ => new FakeChatClient(reply)),
        memory: store ?? _store,
        providers: ConversationBench.Read([("Providers:a:Type", "openai"), ("Providers:a:Model", "m"), ("Default", "a")]));

    private static async Task TalkAsync(ScriptedDevice device, string words)
    {
        await device.SendTextAsync($$"""{"type":"listen","state":"detect","text":"{{words}}"}""");
        await ReadUntilAsync(device, "stop");
    }

    private static async Task ReadUntilAsync(ScriptedDevice device, string part)
    {
        while (!(await device.ReceiveTextAsync()).Contains(part, StringComparison.Ordinal))
        {
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(CountSignal.Timeout);
        while (!condition())
        {
            await Task.Delay(1, timeout.Token);
        }
    }

    private static async IAsyncEnumerable<string> SayAsync(string text)
    {
        await Task.Yield();
        yield return text;
    }

    private static async IAsyncEnumerable<string> StallAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return "从前有座山。";
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
