using FastGate.Configuration.Options;
using FastGate.Testing;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Sessions;

/// <summary>
/// Interruptions at the harness, with a device that does not read: what the worker says piles up behind the loop, and what the device says is
/// taken first when the loop comes to it.
/// </summary>
public sealed class BargeInTests
{
    private const int Sentences = 20;
    private const int SmallPipe = 1024;

    [Theory]
    [InlineData("""{"type":"abort"}""")]
    [InlineData("""{"type":"listen","state":"detect","text":"another"}""")]
    public async Task What_is_queued_when_the_interruption_is_read_is_dropped_and_counted(string interruption)
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

        // From here the device reads: its own pongs, then the answer to the interruption, and not one word of the old turn.
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
    public async Task A_turn_that_is_cut_off_while_it_is_spoken_may_still_end_in_the_queue_and_ends_nothing_new()
    {
        using ConnectionHarness harness = Harness((words, _) => SayAsync(words + "。"));
        ScriptedDevice device = await harness.UpgradedAsync();
        for (int i = 0; i < 200; i++)
        {
            await device.SendTextAsync($$"""{"type":"listen","state":"detect","text":"one {{i}}"}""");
            await device.SendTextAsync($$"""{"type":"listen","state":"detect","text":"two {{i}}"}""");

            // The second turn is whole whatever became of the first: one stop after its own sentence.
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
