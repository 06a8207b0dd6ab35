using System.Net;
using System.Text.Json;
using FastGate.Http.Admin;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Http;

[Collection(nameof(Diagnostics.MetricsTextTests))]
public sealed class EventFeedTests : IDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();
    private readonly AdminStreams _streams = new();
    private readonly EventFeed _feed;
    private int _reports;

    public EventFeedTests() => _feed = new EventFeed(Report, _streams, _time);

    public void Dispose() => _streams.Dispose();

    [Fact]
    public async Task Watchers_share_one_report_each_second()
    {
        await using HttpTestServer server = await StartAsync();
        using StreamReader one = await WatchAsync(server);
        using StreamReader other = await WatchAsync(server);
        Assert.Equal((1, 2), (await ReadAsync(one), await ReadAsync(other)));
        for (int second = 0; second < 3; second++)
        {
            await _time.TurnToNextAsync(s_second);
            Assert.Equal((3 + second, 3 + second), (await ReadAsync(one), await ReadAsync(other)));
        }
    }

    [Fact]
    public async Task Without_watchers_nothing_is_read()
    {
        await using HttpTestServer server = await StartAsync();
        (await WatchAsync(server)).Dispose();
        await LeftAsync();
        _time.Turn(TimeSpan.FromMinutes(1));
        Assert.Equal(1, _reports);
    }

    [Fact]
    public async Task Streams_end_before_the_listener_pauses_and_new_ones_may_begin()
    {
        await using HttpTestServer server = await StartAsync();
        using StreamReader stream = await WatchAsync(server);
        await ReadAsync(stream);

        _streams.EndAll();

        Assert.Null(await stream.ReadLineAsync());
        using StreamReader again = await WatchAsync(server);
        Assert.Equal(2, await ReadAsync(again));
    }

    [Fact]
    public async Task Watcher_beyond_the_bound_is_refused()
    {
        await using HttpTestServer server = await StartAsync();
        List<StreamReader> watchers = [];
        for (int i = 0; i < EventFeed.MaxWatchers; i++)
        {
            watchers.Add(await WatchAsync(server));
        }

        using HttpResponseMessage refused = await server.Admin.GetAsync(new Uri("/api/v1/events", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        watchers.ForEach(static watcher => watcher.Dispose());
    }

    private static async Task<StreamReader> WatchAsync(HttpTestServer server) =>
        new(await server.Admin.GetStreamAsync(new Uri("/api/v1/events", UriKind.Relative)));

    /// <summary>The number of the next report.</summary>
    private static async Task<int> ReadAsync(StreamReader stream)
    {
        Assert.Equal("event: overview", await stream.ReadLineAsync());
        string data = (await stream.ReadLineAsync())!;
        Assert.Equal("", await stream.ReadLineAsync());
        return JsonDocument.Parse(data["data: ".Length..]).RootElement.GetProperty("devices").GetInt32();
    }

    private async Task LeftAsync()
    {
        while (_feed.Watchers > 0)
        {
            await Task.Yield();
        }
    }

    private OverviewReport Report() => new()
    {
        At = _time.GetUtcNow(),
        UptimeSeconds = 1,
        Devices = ++_reports,
        Open = 0,
        Connects = 0,
        Ends = new Dictionary<string, long>(),
        Turns = new Dictionary<string, long>(),
        Stages = [],
        Llm = [],
        Loops = [],
        Memory = new ProcessMemory(0, 0),
    };

    private Task<HttpTestServer> StartAsync() => new HttpTestServer { Time = _time, MapAdmin = _feed.Map }.StartAsync();
}
