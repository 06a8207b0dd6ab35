using System.Threading.Channels;
using FastGate.Restart;

namespace FastGate.Tests.Restart;

/// <summary>The order of a restart, who joins it, and what a failure reports.</summary>
public sealed class RestartRequestsTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);

    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
    private readonly Channel<string?> _reports = Channel.CreateUnbounded<string?>();
    private readonly TaskCompletionSource<string?> _rehearsal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _replacement = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RecordingLogger<RestartRequests> _log = new();

    [Fact]
    public async Task The_program_is_replaced_after_the_rehearsal_and_the_report()
    {
        RestartRequests requests = Requests();

        requests.Begin(Report);
        Assert.Equal("begins", await EventAsync());
        Assert.Equal("rehearse", await EventAsync());
        Assert.False(_reports.Reader.TryRead(out _));
        _rehearsal.SetResult(null);

        Assert.Null(await ReportAsync());
        Assert.Equal("replace", await EventAsync());
    }

    [Fact]
    public async Task A_second_request_joins_the_first_before_and_after_the_report()
    {
        RestartRequests requests = Requests();
        requests.Begin(Report);
        requests.Begin(Report);
        _rehearsal.SetResult(null);
        Assert.Null(await ReportAsync());
        Assert.Null(await ReportAsync());

        requests.Begin(Report);

        Assert.Null(await ReportAsync());
        _replacement.SetResult("no memory");
        Assert.Equal("no memory", await ReportAsync());
        Assert.Equal("no memory", await ReportAsync());
        Assert.Equal("no memory", await ReportAsync());
        Assert.Equal(["begins", "rehearse", "replace", "ended"], await AllEventsAsync());
    }

    [Fact]
    public async Task An_invalid_configuration_is_refused_before_the_rehearsal_and_the_next_request_is_tried()
    {
        IReadOnlyList<string> failures = ["FastGate:Config is broken", "and something else"];
        RestartRequests requests = Requests(() => failures);

        requests.Begin(Report);
        Assert.Equal("FastGate:Config is broken and 1 more", await ReportAsync());
        Assert.Equal(["begins", "ended"], await AllEventsAsync());
        Assert.Equal("FastGate:Config is broken and 1 more", requests.LastRefusal!.Reason);
        Assert.Single(_log.WithId(1011));

        failures = [];
        requests.Begin(Report);
        _rehearsal.SetResult(null);
        Assert.Null(await ReportAsync());
    }

    [Fact]
    public async Task A_failed_rehearsal_is_refused_with_its_words()
    {
        RestartRequests requests = Requests();
        requests.Begin(Report);

        _rehearsal.SetResult("status 1: no such file");

        Assert.Equal("status 1: no such file", await ReportAsync());
        Assert.Equal(["begins", "rehearse", "ended"], await AllEventsAsync());
    }

    [Fact]
    public async Task An_exception_is_a_refusal()
    {
        RestartRequests requests = Requests();
        requests.Begin(Report);

        _rehearsal.SetException(new IOException("no descriptor left"));

        Assert.Equal("no descriptor left", await ReportAsync());
        await WaitUntilAsync(() => _log.WithId(1010).Any());
    }

    [Fact]
    public async Task A_report_that_throws_keeps_neither_the_others_nor_the_restart()
    {
        RestartRequests requests = Requests();
        requests.Begin(static _ => throw new InvalidOperationException("the connection has ended"));
        requests.Begin(Report);

        _rehearsal.SetResult(null);

        Assert.Null(await ReportAsync());
        await WaitUntilAsync(() => _log.WithId(1010).Any());
    }

    [Fact]
    public async Task A_stop_ends_a_restart_in_progress_and_refuses_others()
    {
        RestartRequests requests = Requests();
        requests.Begin(Report);
        Assert.Equal("begins", await EventAsync());

        Task stopped = requests.StopAsync();

        Assert.Equal("the server stops", await ReportAsync());
        await stopped.WaitAsync(s_timeout);
        requests.Begin(Report);
        Assert.Equal("the server stops", await ReportAsync());
    }

    [Fact]
    public async Task The_number_of_requests_that_wait_is_bounded()
    {
        RestartRequests requests = Requests();
        for (int joined = 0; joined < 64; joined++)
        {
            requests.Begin(static _ => { });
        }

        requests.Begin(Report);

        Assert.Equal("a restart is in progress", await ReportAsync());
    }

    private RestartRequests Requests(Func<IReadOnlyList<string>>? check = null) => new(
        check ?? (static () => []),
        cancellationToken =>
        {
            _events.Writer.TryWrite("rehearse");
            return _rehearsal.Task.WaitAsync(cancellationToken);
        },
        () =>
        {
            _events.Writer.TryWrite("replace");
            return _replacement.Task;
        },
        _log)
    {
        Notify = ended => _events.Writer.TryWrite(ended ? "ended" : "begins"),
    };

    private void Report(string? refusal) => _reports.Writer.TryWrite(refusal);

    private Task<string?> ReportAsync() => _reports.Reader.ReadAsync().AsTask().WaitAsync(s_timeout);

    private Task<string> EventAsync() => _events.Reader.ReadAsync().AsTask().WaitAsync(s_timeout);

    private async Task<List<string>> AllEventsAsync()
    {
        List<string> events = [];
        do
        {
            events.Add(await EventAsync());
        }
        while (events[^1] != "ended");

        return events;
    }

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
