using FastGate.Configuration.Options;
using FastGate.Memory;
using FastGate.Memory.Summaries;

namespace FastGate.Tests.Memory.Summaries;

public sealed class MemorySummarizerTests
{
    [Fact]
    public async Task A_device_that_disconnects_is_summarized_once_and_reads_its_exchanges_meanwhile()
    {
        await using var test = new TestSummarizer();
        test.SayAndLeave("a", "one", "two");
        SummaryCall call = await test.Model.NextCallAsync();
        Assert.Null(call.Previous);
        Assert.Equal(["one", "two"], call.Words);

        DeviceMemory meanwhile = await test.LoadAsync("a");
        Assert.Null(meanwhile.Summary);
        Assert.Equal(2, meanwhile.Exchanges.Count);

        call.Answer.SetResult("they counted");
        await test.SummaryAsync("a", "they counted");
        Assert.Equal(2, (await test.LoadAsync("a")).Exchanges.Count);
        test.Summarizer.NoteDisconnect("a");
        Assert.Equal(0, test.Summarizer.Waiting);
        Assert.True(test.Model.HasNoCall);
    }

    [Fact]
    public async Task A_summary_is_made_after_every_so_many_exchanges()
    {
        await using var test = new TestSummarizer();
        test.Say("a", "1", "2");
        Assert.True(test.Model.HasNoCall);
        test.Say("a", "3");
        SummaryCall call = await test.Model.NextCallAsync();
        call.Answer.SetResult("up to 3");
        await test.SummaryAsync("a", "up to 3");
        test.Say("a", "4", "5", "6");
        call = await test.Model.NextCallAsync();
        Assert.Equal("up to 3", call.Previous);
        Assert.Equal(["4", "5", "6"], call.Words);
        call.Answer.SetResult("up to 6");
        await test.SummaryAsync("a", "up to 6");
    }

    [Fact]
    public async Task Requests_during_a_summary_become_one_more_run_that_does_not_overlap()
    {
        await using var test = new TestSummarizer();
        test.Say("a", "1", "2", "3");
        SummaryCall call = await test.Model.NextCallAsync();
        test.SayAndLeave("a", "4", "5", "6", "7", "8", "9");
        call.Answer.SetResult("first");
        call = await test.Model.NextCallAsync();
        Assert.Equal("first", call.Previous);
        Assert.Equal(["4", "5", "6", "7", "8", "9"], call.Words);
        call.Answer.SetResult("second");
        await test.SummaryAsync("a", "second");
        Assert.Equal(1, test.Model.MaxConcurrent);
        Assert.True(test.Model.HasNoCall);
    }

    [Fact]
    public async Task A_slow_summary_delays_no_other_device()
    {
        await using var test = new TestSummarizer();
        test.Say("slow", "1", "2", "3");
        SummaryCall slow = await test.Model.NextCallAsync();
        test.Say("quick", "1", "2", "3");
        (await test.Model.NextCallAsync()).Answer.SetResult("done");
        await test.SummaryAsync("quick", "done");
        slow.Answer.SetResult("done too");
        await test.SummaryAsync("slow", "done too");
    }

    [Fact]
    public async Task A_changed_interval_applies_from_the_next_exchange()
    {
        await using var test = new TestSummarizer();
        test.Say("a", "1");
        Assert.True(test.Model.HasNoCall);
        test.Summarizer.Apply(new MemoryOptions { SummarizeEvery = 2 });
        test.Say("a", "2");
        (await test.Model.NextCallAsync()).Answer.SetResult("two");
    }

    [Fact]
    public async Task The_status_reports_loops_and_load()
    {
        await using var test = new TestSummarizer(new MemoryLimits { Summaries = 7 });
        for (int device = 0; device < 6; device++)
        {
            test.SayAndLeave($"{device}", "1");
        }

        var calls = new List<SummaryCall>();
        for (int i = 0; i < 4; i++)
        {
            calls.Add(await test.Model.NextCallAsync());
        }

        Assert.Equal(new SummaryStatus(4, 2, 7, 4, 1, 6), test.Summarizer.Status);
        calls.ForEach(static call => call.Answer.SetResult("done"));
        for (int i = 0; i < 2; i++)
        {
            (await test.Model.NextCallAsync()).Answer.SetResult("done");
        }

        await test.IdleAsync();
        Assert.Equal(4, test.Model.MaxConcurrent);
        Assert.Equal(new SummaryStatus(4, 0, 7, 0, 0, 0), test.Summarizer.Status);
    }

    [Fact]
    public async Task Beyond_the_limit_a_summary_is_postponed_and_logged_once()
    {
        await using var test = new TestSummarizer(new MemoryLimits { Summaries = 2 }, start: false);
        for (int device = 0; device < 5; device++)
        {
            test.SayAndLeave($"{device}", "1");
        }

        Assert.Equal(2, test.Summarizer.Waiting);
        Assert.Equal(1, test.Log.Count(4011));
        test.Summarizer.Start();
        Assert.NotNull(await test.Model.NextCallAsync());
        Assert.NotNull(await test.Model.NextCallAsync());
    }

    [Fact]
    public async Task Stopping_cancels_the_summary_in_progress()
    {
        await using var test = new TestSummarizer();
        test.Say("a", "1", "2", "3");
        SummaryCall call = await test.Model.NextCallAsync();
        await test.Summarizer.DisposeAsync();
        Assert.False(call.Answer.Task.IsCompleted);
        test.Summarizer.NoteDisconnect("a");
        Assert.Null((await test.LoadAsync("a")).Summary);
    }

    [Fact]
    public async Task Without_a_provider_nothing_is_summarized()
    {
        await using var test = new TestSummarizer(store: new NullMemoryStore());
        test.SayAndLeave("a", "1", "2", "3", "4");
        Assert.Equal(0, test.Summarizer.Waiting);
        Assert.True(test.Model.HasNoCall);
    }
}
