using System.Threading.Channels;
using FastGate.Restart;

namespace FastGate.Tests.Restart;

/// <summary>First a successor that waits, then the drain; a restart that fails costs nobody anything and can be asked for again.</summary>
public sealed class RestartRequestsTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
    private readonly Channel<FakeSuccessor> _starts = Channel.CreateUnbounded<FakeSuccessor>();
    private readonly Channel<string?> _told = Channel.CreateUnbounded<string?>();

    [Fact]
    public async Task The_drain_begins_once_the_successor_waits()
    {
        RestartRequests requests = Requests(SuccessorState.Starting);

        requests.Begin(Tell);
        FakeSuccessor successor = await StartedAsync();
        Assert.Null(await ToldAsync());
        Assert.False(_events.Reader.TryRead(out _));
        successor.Become(SuccessorState.Waiting);

        Assert.Equal("drain", await EventAsync());
    }

    [Fact]
    public async Task A_second_request_joins_the_first()
    {
        RestartRequests requests = Requests(SuccessorState.Starting);

        requests.Begin(Tell);
        requests.Begin(Tell);

        Assert.Null(await ToldAsync());
        Assert.Null(await ToldAsync());
        await StartedAsync();
        Assert.False(_starts.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_configuration_that_cannot_start_is_refused_before_anything_happens()
    {
        IReadOnlyList<string> failures = ["FastGate:Config is broken", "and something else"];
        RestartRequests requests = Requests(SuccessorState.Waiting, () => failures, supervised: true);

        requests.Begin(Tell);
        Assert.Equal("FastGate:Config is broken and 1 more", await ToldAsync());

        failures = [];
        requests.Begin(Tell);
        Assert.Null(await ToldAsync());
        Assert.Equal("drain", await EventAsync());
    }

    [Fact]
    public async Task Under_a_supervisor_nothing_is_started()
    {
        RestartRequests requests = Requests(SuccessorState.Waiting, supervised: true);

        requests.Begin(Tell);

        Assert.Equal("drain", await EventAsync());
        Assert.False(_starts.Reader.TryRead(out _));
    }

    [Theory]
    [InlineData("dies")]
    [InlineData("throws")]
    public async Task Without_a_successor_serving_goes_on_and_the_next_request_is_tried(string how)
    {
        bool fails = true;
        RestartRequests requests = Requests(SuccessorState.Waiting, successor: id =>
            !Volatile.Read(ref fails) ? new FakeSuccessor(id, SuccessorState.Waiting)
            : how == "throws" ? throw new IOException("no descriptor left")
            : new FakeSuccessor(id, SuccessorState.Failed));

        requests.Begin(Tell);
        Assert.Null(await ToldAsync());
        Assert.NotNull(await ToldAsync());
        Assert.False(_events.Reader.TryRead(out _));

        Volatile.Write(ref fails, false);
        requests.Begin(Tell);
        Assert.Null(await ToldAsync());
        Assert.Equal("drain", await EventAsync());
    }

    [Fact]
    public async Task One_that_is_lost_during_the_drain_is_replaced_but_not_for_ever()
    {
        var log = new RecordingLogger<RestartRequests>();
        RestartRequests requests = Requests(SuccessorState.Waiting, log: log);
        requests.Begin(Tell);
        Assert.Equal("drain", await EventAsync());

        for (int lost = 0; lost < 3; lost++)
        {
            FakeSuccessor successor = await StartedAsync();
            successor.Become(SuccessorState.Failed);
        }

        await WaitUntilAsync(() => log.WithId(1013).Any());
        Assert.False(_starts.Reader.TryRead(out _));
    }

    [Fact]
    public async Task One_that_was_told_to_stop_is_not_replaced()
    {
        RestartRequests requests = Requests(SuccessorState.Waiting);
        requests.Begin(Tell);
        Assert.Equal("drain", await EventAsync());
        FakeSuccessor successor = await StartedAsync();

        successor.Become(SuccessorState.Stopped);

        await WaitUntilAsync(() => successor.IsDisposed);
        Assert.False(_starts.Reader.TryRead(out _));
    }

    private RestartRequests Requests(
        SuccessorState state,
        Func<IReadOnlyList<string>>? check = null,
        bool supervised = false,
        Func<int, FakeSuccessor>? successor = null,
        RecordingLogger<RestartRequests>? log = null)
    {
        int processId = 4_320;
        return new RestartRequests(
            check ?? (static () => []),
            () =>
            {
                FakeSuccessor started = successor?.Invoke(++processId) ?? new FakeSuccessor(++processId, state);
                _starts.Writer.TryWrite(started);
                return started;
            },
            () => supervised,
            () => _events.Writer.TryWrite("drain"),
            log ?? new RecordingLogger<RestartRequests>());
    }

    private void Tell(string? refusal) => _told.Writer.TryWrite(refusal);

    private Task<string?> ToldAsync() => _told.Reader.ReadAsync().AsTask().WaitAsync(s_patience);

    private Task<string> EventAsync() => _events.Reader.ReadAsync().AsTask().WaitAsync(s_patience);

    private Task<FakeSuccessor> StartedAsync() => _starts.Reader.ReadAsync().AsTask().WaitAsync(s_patience);

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(s_patience);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            await look.WaitForNextTickAsync(limit.Token);
        }
    }
}
