using FastGate.Configuration.Options;
using FastGate.Memory;
using FastGate.Memory.Journal;
using FastGate.Testing;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Memory;

/// <summary>Retention while the wall clock is wrong.</summary>
public sealed class RetentionTests : IDisposable
{
    private static readonly TimeSpan s_interval = new MemoryLimits().RetentionInterval;
    private static readonly TimeSpan s_jump = TimeSpan.FromDays(40);

    private readonly ManualTimeProvider _time = new();
    private readonly FakeMemoryStore _store = new();

    [Fact]
    public async Task A_wall_clock_that_is_40_days_ahead_for_a_moment_deletes_nothing()
    {
        await using TestMemory memory = Start();
        memory.Say("a", "recent");
        await LookAsync(memory);

        // A deletion is due, and due once more, while the clock is wrong.
        _time.Turn(s_interval);
        _time.StepWallClock(s_jump);
        await LookAsync(memory);
        _time.Turn(s_interval - TimeSpan.FromSeconds(1));
        await LookAsync(memory);
        _time.StepWallClock(-s_jump);
        for (int i = 0; i < 5; i++)
        {
            _time.Turn(s_interval);
            await LookAsync(memory);
        }

        Assert.Equal(["recent"], Words());
    }

    [Fact]
    public async Task Moments_of_a_wrong_wall_clock_do_not_add_up()
    {
        await using TestMemory memory = Start();
        memory.Say("a", "recent");
        await LookAsync(memory);
        for (int i = 0; i < 5; i++)
        {
            _time.StepWallClock(s_jump);
            await LookAsync(memory);
            _time.StepWallClock(-s_jump);
            await LookAsync(memory);
            _time.Turn(s_interval);
        }

        _time.StepWallClock(s_jump);
        await LookAsync(memory);
        Assert.Equal(["recent"], Words());
    }

    [Fact]
    public async Task A_wall_clock_that_stays_ahead_is_followed_after_an_interval()
    {
        await using TestMemory memory = Start();
        memory.Say("a", "recent");
        await LookAsync(memory);
        _time.StepWallClock(s_jump);
        await LookAsync(memory);
        Assert.Equal(["recent"], Words());
        for (int i = 0; i < 2; i++)
        {
            _time.Turn(s_interval);
            await LookAsync(memory);
        }

        Assert.Empty(Words());
    }

    [Fact]
    public async Task A_changed_retention_does_not_follow_a_jump_either()
    {
        await using TestMemory memory = Start();
        memory.Say("a", "recent");
        await LookAsync(memory);
        _time.StepWallClock(s_jump);
        memory.Writer.Apply(new MemoryOptions { RetentionDays = 8 });
        await LookAsync(memory);
        Assert.Equal(["recent"], Words());
    }

    [Fact]
    public async Task A_wall_clock_that_is_set_back_does_not_stop_retention()
    {
        await using TestMemory memory = Start();
        await LookAsync(memory);

        // The clock was ahead since the start and is corrected.
        _time.StepWallClock(-s_jump);
        _store.Append([new StoredExchange(1, "a", "s", _time.GetUtcNow().AddDays(-7).AddMinutes(30), "old", "-")]);
        await LookAsync(memory);
        Assert.Equal(["old"], Words());
        _time.Turn(s_interval);
        await LookAsync(memory);
        Assert.Empty(Words());
    }

    [Fact]
    public async Task A_turn_said_while_the_wall_clock_is_set_back_is_not_deleted()
    {
        await using TestMemory memory = Start();
        await LookAsync(memory);
        _time.StepWallClock(-s_jump);
        memory.Say("a", "said now");
        _time.Turn(s_interval);
        await LookAsync(memory);
        Assert.Equal(["said now"], Words());
    }

    [Fact]
    public async Task A_start_at_which_everything_is_too_old_deletes_nothing_before_an_interval_has_passed()
    {
        var ids = new ExchangeIds(_time);
        _store.LastId = ids.Next();
        _store.Append([new StoredExchange(_store.LastId, "a", "s", _time.GetUtcNow(), "recent", "-")]);
        _time.StepWallClock(s_jump);
        await using TestMemory memory = Start();
        await LookAsync(memory);
        Assert.Equal(["recent"], Words());
        for (int i = 0; i < 2; i++)
        {
            _time.Turn(s_interval);
            await LookAsync(memory);
        }

        Assert.Empty(Words());
    }

    public void Dispose() => _store.Dispose();

    private TestMemory Start() => new(_store, options: new MemoryOptions { RetentionDays = 7 }, time: _time);

    private IEnumerable<string> Words() => _store.Exchanges.Select(static exchange => exchange.User);

    /// <summary>Lets the writer look at both clocks, and deletes what is due. The second erasure is settled in a step after the first one's.</summary>
    private static async Task LookAsync(TestMemory memory)
    {
        for (int i = 0; i < 2; i++)
        {
            Task<int> erased = memory.Writer.EraseAsync("another device", CancellationToken.None);
            await memory.FlushAsync();
            await erased.WaitAsync(TestMemory.Timeout);
        }
    }
}
