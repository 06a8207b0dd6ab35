using FastGate.Memory;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Memory.Summaries;

/// <summary>What one call to the model is given and what becomes of its answer, seen through the summarizer.</summary>
public sealed class SummaryUpdaterTests
{
    [Fact]
    public async Task A_failure_changes_nothing_and_the_next_summary_covers_the_exchanges()
    {
        await using var test = new TestSummarizer();
        test.Say("a", "1", "2", "3");
        (await test.Model.NextCallAsync()).Answer.SetException(new HttpRequestException("no route"));
        await test.Log.Logged(4010);
        DeviceMemory loaded = await test.LoadAsync("a");
        Assert.Null(loaded.Summary);
        Assert.Equal(3, loaded.Exchanges.Count);
        test.SayAndLeave("a", "4");
        SummaryCall call = await test.Model.NextCallAsync();
        Assert.Equal(["1", "2", "3", "4"], call.Words);
        call.Answer.SetResult(null);
    }

    [Fact]
    public async Task A_failure_halves_the_next_input_and_a_success_doubles_it()
    {
        await using var test = new TestSummarizer();
        for (int i = 0; i < 100; i++)
        {
            test.Memory.Say("a", $"{i}");
        }

        foreach (int expected in (int[])[64, 32, 16, 8, 4, 4])
        {
            test.SayAndLeave("a", "more");
            SummaryCall call = await test.Model.NextCallAsync();
            Assert.Equal(expected, call.Words.Length);
            call.Answer.SetResult(null);
            await test.IdleAsync();
        }

        test.SayAndLeave("a", "more");
        foreach (int expected in (int[])[4, 8, 16, 32, 47])
        {
            SummaryCall call = await test.Model.NextCallAsync();
            Assert.Equal(expected, call.Words.Length);
            call.Answer.SetResult("some");
        }

        await test.IdleAsync();
    }

    [Fact]
    public async Task A_long_history_is_summarized_in_parts()
    {
        await using var test = new TestSummarizer();
        for (int i = 0; i < 150; i++)
        {
            test.Memory.Say("a", $"{i}");
        }

        test.SayAndLeave("a", "150");
        var words = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            SummaryCall call = await test.Model.NextCallAsync();
            words.AddRange(call.Words);
            call.Answer.SetResult($"part {i}");
        }

        Assert.Equal(Enumerable.Range(0, 151).Select(static i => $"{i}"), words);
        await test.SummaryAsync("a", "part 2");
    }

    [Fact]
    public async Task An_erasure_during_the_call_discards_the_summary()
    {
        await using var test = new TestSummarizer();
        test.Say("a", "1", "2", "3");
        SummaryCall call = await test.Model.NextCallAsync();
        await test.Memory.Writer.EraseAsync("a", CancellationToken.None).WaitAsync(TestMemory.Timeout);
        call.Answer.SetResult("made from erased exchanges");
        test.Say("a", "4", "5", "6");
        SummaryCall next = await test.Model.NextCallAsync();
        Assert.Null(next.Previous);
        Assert.Equal(["4", "5", "6"], next.Words);
        next.Answer.SetResult("made from new ones");
        await test.SummaryAsync("a", "made from new ones");
    }

    [Fact]
    public async Task A_call_may_take_as_long_as_its_configuration_allows()
    {
        // Twice the longest total timeout of a provider (LlmCallBudget): the provider's timeout ends a call, not the summarizer's.
        var longest = TimeSpan.FromHours(1);
        var time = new ManualTimeProvider();
        await using var test = new TestSummarizer(time: time);
        test.Say("a", "1", "2", "3");
        SummaryCall call = await test.Model.NextCallAsync();
        time.Turn(longest);
        call.Answer.SetResult("slow and right");
        await test.SummaryAsync("a", "slow and right");

        // A call that never ends frees its loop.
        test.Say("b", "1", "2", "3");
        await test.Model.NextCallAsync();
        time.Turn(3 * longest);
        await test.Log.Logged(4010);
    }
}
