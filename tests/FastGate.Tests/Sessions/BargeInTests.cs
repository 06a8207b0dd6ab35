using FastGate.Configuration.Options;
using FastGate.Testing;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Sessions;

/// <summary>
/// Interruptions by a device that does not read: the worker's messages queue up while the loop waits in a flush, and the loop reads the
/// interruption before it writes them.
/// </summary>
public sealed class BargeInTests
{
    private const int Sentences = 20;
    private const int SmallPipe = 1024;

    [Theory]
    [InlineData("""{"type":"abort"}""")]
    [InlineData("""{"type":"listen","state":"detect","text":"another"}""")]
    public async Task Queued_messages_of_an_interrupted_turn_are_dropped_and_counted(string interruption)
    {
        var speak = new TaskCompletionSource();
        var said = new CountSignal();
        using ConnectionHarness harness = Harness((words, _) => words == "another" ? SayAsync("another。") : SpeakAsync(speak.Task, said));
        ScriptedDevice device = harness.ConnectUnread(SmallPipe);
        await device.UpgradeAsync();
        await device.SendTextAsync("""{"type":"listen","state":"detect","text":"long"}""");
        Assert.Contains("stt", await device.ReceiveTextAsync(), StringComparison.Ordinal);

        // The loop waits in a flush that the device does not read; then the provider speaks and is interrupted.
        await FillAsync(device);
        speak.SetResult();
        await said.ReachAsync(Sentences);
        await device.SendTextAsync(interruption);

        // The device reads its pongs, then the reply to the interruption, and no word of the old turn.
        string text;
        do
        {
            text = await device.ReceiveTextAsync();
            Assert.DoesNotContain("old", text, StringComparison.Ordinal);
        }
        while (!text.Contains("stop", StringComparison.Ordinal));

        Assert.True(harness.Metrics.StaleDropped.Value >= Sentences, $"{harness.Metrics.StaleDropped.Value} dropped");
    }

    [Fact]
    public async Task Queued_end_of_an_interrupted_turn_does_not_end_the_next_turn()
    {
        using ConnectionHarness harness = Harness((words, _) => SayAsync(words + "。"));
        ScriptedDevice device = await harness.UpgradedAsync();
        for (int i = 0; i < 200; i++)
        {
            await device.SendTextAsync($$"""{"type":"listen","state":"detect","text":"one {{i}}"}""");
            await device.SendTextAsync($$"""{"type":"listen","state":"detect","text":"two {{i}}"}""");

            // The second turn is complete: one stop after its own sentence.
            await ReadUntilAsync(device, $"\"stt\",\"text\":\"two {i}\"");
            List<string> rest = await ReadUntilAsync(device, "\"stop\"");
            Assert.Contains(rest, text => text.Contains($"two {i}。", StringComparison.Ordinal));
            Assert.DoesNotContain(rest, text => text.Contains("one", StringComparison.Ordinal));
        }
    }

    private static ConnectionHarness Harness(Func<string, CancellationToken, IAsyncEnumerable<string>> reply) => new(
        gateway: new GatewayOptions(),
        llm: new FakeChatClientFactory(_ => new FakeChatClient((messages, cancellationToken) => reply(messages[^1].Text, cancellationToken))));

    private static async IAsyncEnumerable<string> SayAsync(string text)
    {
        await Task.Yield();
        yield return text;
    }

    private static async IAsyncEnumerable<string> SpeakAsync(Task when, CountSignal said)
    {
        await when;
        for (int i = 0; i < Sentences; i++)
        {
            yield return $"old {i}。";
            said.Increment();
        }
    }

    private static async Task FillAsync(ScriptedDevice device)
    {
        for (int i = 0; i < SmallPipe; i++)
        {
            await device.SendTextAsync("""{"type":"ping"}""");
        }
    }

    private static async Task<List<string>> ReadUntilAsync(ScriptedDevice device, string part)
    {
        var read = new List<string>();
        do
        {
            read.Add(await device.ReceiveTextAsync());
        }
        while (!read[^1].Contains(part, StringComparison.Ordinal));
        return read;
    }
}
