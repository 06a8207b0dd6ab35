using FastGate.Configuration.Options;
using FastGate.Memory;
using FastGate.Memory.Summaries;
using FastGate.Testing;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Memory.Summaries;

public sealed class MemorySummarizerTests : IDisposable
{
    private readonly FakeMemoryStore _store = new();
    private readonly ScriptedSummaryModel _model = new();
    private readonly RecordingLogger<MemorySummarizer> _log = new();

    [Fact]
    public async Task A_device_that_leaves_is_summarised_once_and_sees_its_turns_meanwhile()
    {
        await using var memory = new TestMemory(_store);
        await using MemorySummarizer summarizer = Summarizer(memory);
        Say(memory, summarizer, "a", "one", "two");
        summarizer.NoteDisconnect("a");
        SummaryCall call = await _model.NextCallAsync();
        Assert.Null(call.Previous);
        Assert.Equal(["one", "two"], call.Words);

        DeviceMemory meanwhile = await memory.Writer.LoadAsync("a", 10, CancellationToken.None);
        Assert.Null(meanwhile.Summary);
        Assert.Equal(2, meanwhile.Turns.Count);

        call.Answer.SetResult("they counted");
        await SummaryAsync(memory, "a", "they counted");
        Assert.Single((await memory.Writer.LoadAsync("a", 1, CancellationToken.None)).Turns);
        summarizer.NoteDisconnect("a");
        Assert.Equal(0, summarizer.Waiting);
        Assert.True(_model.NothingAsked);
    }

    [Fact]
    public async Task Every_so_many_turns_are_worked_into_the_summary()
    {
        await using var memory = new TestMemory(_store);
        await using MemorySummarizer summarizer = Summarizer(memory);
        Say(memory, summarizer, "a", "1", "2");
        Assert.True(_model.NothingAsked);
        Say(memory, summarizer, "a", "3");
        SummaryCall call = await _model.NextCallAsync();
        call.Answer.SetResult("up to 3");
        await SummaryAsync(memory, "a", "up to 3");
        Say(memory, summarizer, "a", "4", "5", "6");
        call = await _model.NextCallAsync();
        Assert.Equal("up to 3", call.Previous);
        Assert.Equal(["4", "5", "6"], call.Words);
        call.Answer.SetResult("up to 6");
        await SummaryAsync(memory, "a", "up to 6");
    }

    [Fact]
    public async Task Requests_meanwhile_become_one_and_never_overlap()
    {
        await using var memory = new TestMemory(_store);
        await using MemorySummarizer summarizer = Summarizer(memory);
        Say(memory, summarizer, "a", "1", "2", "3");
        SummaryCall call = await _model.NextCallAsync();
        Say(memory, summarizer, "a", "4", "5", "6", "7", "8", "9");
        summarizer.NoteDisconnect("a");
        call.Answer.SetResult("first");
        call = await _model.NextCallAsync();
        Assert.Equal("first", call.Previous);
        Assert.Equal(["4", "5", "6", "7", "8", "9"], call.Words);
        call.Answer.SetResult("second");
        await SummaryAsync(memory, "a", "second");
        Assert.Equal(1, _model.MostAtOnce);
        Assert.True(_model.NothingAsked);
    }

    [Fact]
    public async Task A_slow_summary_of_one_device_delays_no_other()
    {
        await using var memory = new TestMemory(_store);
        await using MemorySummarizer summarizer = Summarizer(memory);
        Say(memory, summarizer, "slow", "1", "2", "3");
        SummaryCall slow = await _model.NextCallAsync();
        Say(memory, summarizer, "quick", "1", "2", "3");
        (await _model.NextCallAsync()).Answer.SetResult("done");
        await SummaryAsync(memory, "quick", "done");
        slow.Answer.SetResult("done too");
        await SummaryAsync(memory, "slow", "done too");
    }

    [Fact]
    public async Task A_failure_leaves_everything_as_it_was_and_the_next_occasion_covers_it()
    {
        await using var memory = new TestMemory(_store);
        await using MemorySummarizer summarizer = Summarizer(memory);
        Say(memory, summarizer, "a", "1", "2", "3");
        (await _model.NextCallAsync()).Answer.SetException(new HttpRequestException("no route"));
        await _log.Logged(4010);
        DeviceMemory loaded = await memory.Writer.LoadAsync("a", 10, CancellationToken.None);
        Assert.Null(loaded.Summary);
        Assert.Equal(3, loaded.Turns.Count);
        Say(memory, summarizer, "a", "4");
        summarizer.NoteDisconnect("a");
        SummaryCall call = await _model.NextCallAsync();
        Assert.Equal(["1", "2", "3", "4"], call.Words);
        call.Answer.SetResult(null);
    }

    [Fact]
    public async Task Failures_make_the_next_question_shorter_and_successes_longer_again()
    {
        await using var memory = new TestMemory(_store);
        for (int i = 0; i < 100; i++)
        {
            memory.Say("a", $"{i}");
        }

        await using MemorySummarizer summarizer = Summarizer(memory);
        foreach (int expected in (int[])[64, 32, 16, 8, 4, 4])
        {
            Say(memory, summarizer, "a", "more");
            summarizer.NoteDisconnect("a");
            SummaryCall call = await _model.NextCallAsync();
            Assert.Equal(expected, call.Words.Length);
            call.Answer.SetResult(null);
            await NobodyAsync(summarizer);
        }

        Say(memory, summarizer, "a", "more");
        summarizer.NoteDisconnect("a");
        foreach (int expected in (int[])[4, 8, 16, 32, 47])
        {
            SummaryCall call = await _model.NextCallAsync();
            Assert.Equal(expected, call.Words.Length);
            call.Answer.SetResult("some");
        }

        await NobodyAsync(summarizer);
    }

    [Fact]
    public async Task A_changed_interval_is_in_force_at_the_next_turn()
    {
        await using var memory = new TestMemory(_store);
        await using MemorySummarizer summarizer = Summarizer(memory);
        Say(memory, summarizer, "a", "1");
        Assert.True(_model.NothingAsked);
        summarizer.Apply(new MemoryOptions { SummarizeEvery = 2 });
        Say(memory, summarizer, "a", "2");
        (await _model.NextCallAsync()).Answer.SetResult("two");
    }

    [Fact]
    public async Task Its_threads_and_how_busy_they_are_can_be_seen()
    {
        await using var memory = new TestMemory(_store, new MemoryLimits { Summaries = 7 });
        await using MemorySummarizer summarizer = Summarizer(memory);
        var calls = new List<SummaryCall>();
        for (int device = 0; device < 6; device++)
        {
            Say(memory, summarizer, $"{device}", "1");
            summarizer.NoteDisconnect($"{device}");
        }

        for (int i = 0; i < 4; i++)
        {
            calls.Add(await _model.NextCallAsync());
        }

        Assert.Equal(new SummaryStatus(4, 2, 7, 4, 1, 6), summarizer.Status);
        Assert.All(_model.ThreadNames, static name => Assert.StartsWith("fastgate-sum-", name, StringComparison.Ordinal));
        calls.ForEach(static call => call.Answer.SetResult("done"));
        for (int i = 0; i < 2; i++)
        {
            (await _model.NextCallAsync()).Answer.SetResult("done");
        }

        await NobodyAsync(summarizer);
        Assert.Equal(new SummaryStatus(4, 0, 7, 0, 0, 0), summarizer.Status);
    }

    [Fact]
    public async Task An_erasure_meanwhile_makes_the_summary_void()
    {
        await using var memory = new TestMemory(_store);
        await using MemorySummarizer summarizer = Summarizer(memory);
        Say(memory, summarizer, "a", "1", "2", "3");
        SummaryCall call = await _model.NextCallAsync();
        await memory.Writer.EraseAsync("a", CancellationToken.None).WaitAsync(TestMemory.Timeout);
        call.Answer.SetResult("a ghost");
        Say(memory, summarizer, "a", "4", "5", "6");
        SummaryCall next = await _model.NextCallAsync();
        Assert.Null(next.Previous);
        Assert.Equal(["4", "5", "6"], next.Words);
        next.Answer.SetResult("alive");
        await SummaryAsync(memory, "a", "alive");
    }

    [Fact]
    public async Task A_long_history_is_worked_in_by_stretches()
    {
        await using var memory = new TestMemory(_store);
        for (int i = 0; i < 150; i++)
        {
            memory.Say("a", $"{i}");
        }

        await using MemorySummarizer summarizer = Summarizer(memory);
        Say(memory, summarizer, "a", "150");
        summarizer.NoteDisconnect("a");
        var words = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            SummaryCall call = await _model.NextCallAsync();
            words.AddRange(call.Words);
            call.Answer.SetResult($"part {i}");
        }

        Assert.Equal(Enumerable.Range(0, 151).Select(i => $"{i}"), words);
        await SummaryAsync(memory, "a", "part 2");
    }

    [Fact]
    public async Task Beyond_the_bound_a_summary_is_postponed_and_told_once()
    {
        await using var memory = new TestMemory(_store, new MemoryLimits { Summaries = 2 });
        await using MemorySummarizer summarizer = Summarizer(memory, start: false);
        for (int device = 0; device < 5; device++)
        {
            Say(memory, summarizer, $"{device}", "1");
            summarizer.NoteDisconnect($"{device}");
        }

        Assert.Equal(2, summarizer.Waiting);
        Assert.Equal(1, _log.Count(4011));
        summarizer.Start();
        Assert.NotNull(await _model.NextCallAsync());
        Assert.NotNull(await _model.NextCallAsync());
    }

    [Fact]
    public async Task A_model_is_given_the_time_its_configuration_allows()
    {
        // Twice the longest total a provider can be given (LlmCallBudget): the call's own end, never ours.
        var longest = TimeSpan.FromHours(1);
        var time = new ManualTimeProvider();
        await using var memory = new TestMemory(_store);
        await using MemorySummarizer summarizer = Summarizer(memory, time: time);
        Say(memory, summarizer, "a", "1", "2", "3");
        SummaryCall call = await _model.NextCallAsync();
        time.Turn(longest);
        call.Answer.SetResult("slow and right");
        await SummaryAsync(memory, "a", "slow and right");

        // One that never ends gives its thread back.
        Say(memory, summarizer, "b", "1", "2", "3");
        call = await _model.NextCallAsync();
        time.Turn(3 * longest);
        await _log.Logged(4010);
    }

    [Fact]
    public async Task Stopping_gives_up_what_is_in_hand()
    {
        await using var memory = new TestMemory(_store);
        MemorySummarizer summarizer = Summarizer(memory);
        Say(memory, summarizer, "a", "1", "2", "3");
        SummaryCall call = await _model.NextCallAsync();
        await summarizer.DisposeAsync();
        Assert.False(call.Answer.Task.IsCompleted);
        summarizer.NoteDisconnect("a");
        Assert.Null((await memory.Writer.LoadAsync("a", 1, CancellationToken.None)).Summary);
    }

    [Fact]
    public async Task Without_a_provider_nothing_is_summarised()
    {
        await using var memory = new TestMemory(new NullMemoryStore());
        await using MemorySummarizer summarizer = Summarizer(memory);
        Say(memory, summarizer, "a", "1", "2", "3", "4");
        summarizer.NoteDisconnect("a");
        Assert.Equal(0, summarizer.Waiting);
        Assert.True(_model.NothingAsked);
    }

    public void Dispose() => _store.Dispose();

    private static async Task NobodyAsync(MemorySummarizer summarizer)
    {
        using var patience = new CancellationTokenSource(TestMemory.Timeout);
        while (summarizer.Status is not { Devices: 0, InFlight: 0 })
        {
            await Task.Delay(1, patience.Token);
        }
    }

    private MemorySummarizer Summarizer(TestMemory memory, bool start = true, TimeProvider? time = null)
    {
        var summarizer = new MemorySummarizer(
            memory.Writer, _model, new MemoryOptions { SummarizeEvery = 3 }, memory.Limits, memory.Metrics, _log, time ?? TimeProvider.System);
        if (start)
        {
            summarizer.Start();
        }

        return summarizer;
    }

    private static void Say(TestMemory memory, MemorySummarizer summarizer, string deviceId, params ReadOnlySpan<string> words)
    {
        foreach (string word in words)
        {
            memory.Say(deviceId, word);
            summarizer.NoteTurn(deviceId);
        }
    }

    // A summary is kept in order with the turns: after a flush it is there, or still being handed over.
    private static async Task SummaryAsync(TestMemory memory, string deviceId, string expected)
    {
        using var patience = new CancellationTokenSource(TestMemory.Timeout);
        string? summary;
        do
        {
            await Task.Yield();
            await memory.FlushAsync();
            summary = (await memory.Writer.LoadAsync(deviceId, 1, patience.Token)).Summary;
        }
        while (summary != expected && !patience.IsCancellationRequested);
        Assert.Equal(expected, summary);
    }
}
