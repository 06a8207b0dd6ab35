using System.Threading.Channels;
using FastGate.Restart;

namespace FastGate.Tests.Restart;

/// <summary>The drain begins after the successor is ready; a restart that fails closes nothing and can be requested again.</summary>
public sealed class RestartRequestsTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);

    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
    private readonly Channel<FakeSuccessor> _starts = Channel.CreateUnbounded<FakeSuccessor>();
    private readonly Channel<string?> _reports = Channel.CreateUnbounded<string?>();

    [Fact]
    public async Task The_drain_begins_once_the_successor_is_ready()
    {
        RestartRequests requests = Requests(SuccessorState.Starting);

        requests.Begin(Report);
        FakeSuccessor successor = await StartedAsync();
        Assert.Null(await ReportAsync());
        Assert.False(_events.Reader.TryRead(out _));
        successor.Become(SuccessorState.Waiting);

        Assert.Equal("drain", await EventAsync());
    }

    [Fact]
    public async Task A_second_request_joins_the_first()
    {
        RestartRequests requests = Requests(SuccessorState.Starting);

        requests.Begin(Report);
        requests.Begin(Report);

        Assert.Null(await ReportAsync());
        Assert.Null(await ReportAsync());
        await StartedAsync();
        Assert.False(_starts.Reader.TryRead(out _));
    }

    [Fact]
    public async Task An_invalid_configuration_is_refused_before_anything_happens()
    {
        IReadOnlyList<string> failures = ["FastGate:Config is broken", "and something else"];
        RestartRequests requests = Requests(SuccessorState.Waiting, () => failures, supervised: true);

        requests.Begin(Report);
        Assert.Equal("FastGate:Config is broken and 1 more", await ReportAsync());

        failures = [];
        requests.Begin(Report);
        Assert.Null(await ReportAsync());
        Assert.Equal("drain", await EventAsync());
    }

    [Fact]
    public async Task Under_a_supervisor_no_successor_is_started()
    {
        RestartRequests requests = Requests(SuccessorState.Waiting, supervised: true);

        requests.Begin(Report);

        Assert.Equal("drain", await EventAsync());
        Assert.False(_starts.Reader.TryRead(out _));
    }

    [Theory]
    [InlineData("dies")]
    [InlineData("throws")]
    public async Task Without_a_successor_the_server_continues_and_the_next_request_is_tried(string how)
    {
        bool fails = true;
        RestartRequests requests = Requests(SuccessorState.Waiting, successor: id =>
            !Volatile.Read(ref fails) ? new FakeSuccessor(id, SuccessorState.Waiting)
            : how == "throws" ? throw new IOException("no descriptor left")
            : new FakeSuccessor(id, SuccessorState.Failed));

        requests.Begin(Report);
        Assert.Null(await ReportAsync());
        Assert.NotNull(await ReportAsync());
        Assert.False(_events.Reader.TryRead(out _));

        Volatile.Write(ref fails, false);
        requests.Begin(Report);
        Assert.Null(await ReportAsync());
        Assert.Equal("drain", await EventAsync());
    }

    [Fact]
    public async Task A_successor_lost_during_the_drain_is_replaced_a_limited_number_of_times()
    {
        var log = new RecordingLogger<RestartRequests>();
        RestartRequests requests = Requests(SuccessorState.Waiting, log: log);
        requests.Begin(Report);
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
    public async Task A_successor_that_was_stopped_is_not_replaced()
    {
        RestartRequests requests = Requests(SuccessorState.Waiting);
        requests.Begin(Report);
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

    private void Report(string? refusal) => _reports.Writer.TryWrite(refusal);

    private Task<string?> ReportAsync() => _reports.Reader.ReadAsync().AsTask().WaitAsync(s_timeout);

    private Task<string> EventAsync() => _events.Reader.ReadAsync().AsTask().WaitAsync(s_timeout);

    private Task<FakeSuccessor> StartedAsync() => _starts.Reader.ReadAsync().AsTask().WaitAsync(s_timeout);

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(s_timeout);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            await look.WaitForNextTickAsync(limit.Token);
        }
    }
}
