using System.Diagnostics.Metrics;
using FastGate.Diagnostics;
using FastGate.Http.Admin;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Http;

/// <summary>Idempotency keys over the end of the process.</summary>
public sealed class KeptActTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-acts-").FullName;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly RecordingLogger<KeptActTests> _log = new();
    private readonly ManualTimeProvider _time = new();
    private int _runs;

    private string Database => Path.Combine(_directory, "data", "fastgate.db");

    public void Dispose()
    {
        _services.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Next_process_gives_the_recorded_answer_and_does_not_act()
    {
        AdminAnswer first = await RunAsync(Start(), "k1", Answer("one"));
        Assert.False(await IsReplayedAsync(Start(), "k2"));

        ActReplays next = Start();
        bool replayed = false;
        AdminAnswer again = await next.RunAsync("k1", "act", Count(Answer("two")), () => replayed = true);

        Assert.True(replayed);
        Assert.Equal(2, _runs);
        Assert.Equal((first.Status, first.ContentType, "lamp"), (again.Status, again.ContentType, again.Target));
        Assert.Equal(first.Body.ToArray(), again.Body.ToArray());
        Assert.Equal(409, (await next.RunAsync("k1", "another act", Count(Answer("three")), Fail)).Status);
    }

    /// <summary>The process ends between the act and its answer, as by a kill.</summary>
    [Fact]
    public async Task Act_that_was_in_progress_at_the_end_is_not_run_again()
    {
        var never = new TaskCompletionSource<AdminAnswer>();
        Task<AdminAnswer> cut = Start().RunAsync("k1", "act", Count(() => never.Task), Fail);
        Assert.False(cut.IsCompleted);

        AdminAnswer answer = await Start().RunAsync("k1", "act", Count(Answer("x")), Fail);

        Assert.Equal((409, 1), (answer.Status, _runs));
        Assert.Contains("unknown", System.Text.Encoding.UTF8.GetString(answer.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Act_that_failed_is_run_again_by_the_next_process_and_a_refused_one_is_not()
    {
        ActReplays before = Start();
        await RunAsync(before, "failed", () => Task.FromResult(AdminAnswer.Problem(500, "planted")));
        await RunAsync(before, "refused", () => Task.FromResult(AdminAnswer.Problem(404, "no such device")));

        ActReplays next = Start();
        Assert.False(await IsReplayedAsync(next, "failed"));
        Assert.True(await IsReplayedAsync(next, "refused"));
    }

    [Fact]
    public async Task Key_is_forgotten_after_an_hour_and_the_rows_are_bounded()
    {
        await RunAsync(Start(), "old", Answer("x"));
        _time.Turn(TimeSpan.FromMinutes(30));
        var store = new ActStore(Database);
        for (int i = 0; i < 5; i++)
        {
            _time.Turn(TimeSpan.FromSeconds(1));
            store.Begin(new KeptAct($"k{i}", "act", _time.GetUtcNow(), null), DateTimeOffset.UnixEpoch, most: 3);
        }

        Assert.Equal(["k2", "k3", "k4"], store.Load(DateTimeOffset.UnixEpoch).Select(static act => act.Key));
        _time.Turn(TimeSpan.FromHours(1));
        Assert.False(await IsReplayedAsync(Start(), "k4"));
        Assert.Equal("k4", Assert.Single(store.Load(DateTimeOffset.UnixEpoch)).Key);
    }

    [Fact]
    public async Task Database_that_fails_is_logged_once_and_acts_run()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Database)!);
        File.WriteAllText(Database, new string('x', 10_000));
        ActReplays replays = Start();

        await RunAsync(replays, "k1", Answer("one"));
        Assert.True(await IsReplayedAsync(replays, "k1"));

        Assert.Equal((1, 1), (_runs, _log.Count(7472)));
    }

    [Fact]
    public async Task Nothing_is_read_or_written_without_a_key_or_a_database()
    {
        _ = Start();
        Assert.False(File.Exists(Database));
        var memoryOnly = new ActReplays(new ActStore(null), _time, new AdminMetrics(Meters), _log);
        await RunAsync(memoryOnly, "k1", Answer("one"));
        Assert.True(await IsReplayedAsync(memoryOnly, "k1"));
        Assert.False(File.Exists(Database));
    }

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    /// <summary>A process with this database.</summary>
    private ActReplays Start() => new(new ActStore(Database), _time, new AdminMetrics(Meters), _log);

    private Task<AdminAnswer> RunAsync(ActReplays replays, string key, Func<Task<AdminAnswer>> run) => replays.RunAsync(key, "act", Count(run), Fail);

    private async Task<bool> IsReplayedAsync(ActReplays replays, string key)
    {
        bool replayed = false;
        await replays.RunAsync(key, "act", Count(Answer("again")), () => replayed = true);
        return replayed;
    }

    private Func<Task<AdminAnswer>> Count(Func<Task<AdminAnswer>> run) => () =>
    {
        _runs++;
        return run();
    };

    private static Func<Task<AdminAnswer>> Answer(string device) => () => Task.FromResult(
        AdminAnswer.Of(new MemoryErasure(device, 3), AdminJson.Default.MemoryErasure, 202) with { Target = "lamp" });

    private static void Fail() => Assert.Fail("No recorded answer was expected.");
}
