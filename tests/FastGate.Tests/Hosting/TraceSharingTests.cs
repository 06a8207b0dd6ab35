using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using FastGate.Cluster;
using FastGate.Flight;
using FastGate.Hosting.Adapters;
using FastGate.Registry;
using FastGate.Testing.Cluster;
using FastGate.Tests.Cluster;
using FastGate.Timers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Hosting;

/// <summary>Lines of traces between nodes.</summary>
public sealed class TraceSharingTests : IAsyncLifetime, IAsyncDisposable
{
    private static readonly TimeSpan s_duration = TimeSpan.FromMinutes(5);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeClusterEngine _engine = new();
    private readonly ConcurrentQueue<string> _sent = new();
    private readonly Traces _traces = new(null, TimeProvider.System, NullLogger.Instance);
    private readonly ClusterNode _cluster;
    private readonly TraceSharing _sharing;
    private long _receivers = 1;

    public TraceSharingTests()
    {
        _engine.Publish = (node, message) =>
        {
            _sent.Enqueue($"{node} {message}");
            return Volatile.Read(ref _receivers) is var receivers and >= 0 ? receivers : throw new ClusterEngineException("away");
        };
        _cluster = new ClusterNode(
            _engine,
            new ClaimedConnections<FakeClaimedConnection>(new ConnectionRegistry<FakeClaimedConnection>(10, replace: true)),
            new GatewayClock(),
            new ClusterSettings(),
            _services.GetRequiredService<IMeterFactory>(),
            NullLogger.Instance,
            TimeProvider.System);
        _sharing = new TraceSharing(_cluster, _traces, NullLogger.Instance, TimeProvider.System);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public void Lines_of_another_node_are_added_to_the_trace()
    {
        Trace trace = _traces.Begin("lamp", null, s_duration)!;
        _cluster.Messages.Receive($$"""L{"id":{{trace.Id}},"node":"b","lines":["one","two"]}""");
        long position = 0;

        Assert.Equal(["one", "two"], trace.Read(ref position));
        Assert.Empty(_sent);
    }

    [Fact]
    public async Task A_node_that_sends_lines_of_a_trace_that_has_ended_is_answered_and_ends_its_own()
    {
        _cluster.Messages.Receive("""L{"id":7,"node":"b","lines":[]}""");
        await Until.TrueAsync(() => _sent.Count == 1);
        Assert.Equal(["""b E{"id":7}"""], _sent);

        Trace joined = _traces.Join(7, "lamp", null, s_duration)!;
        _cluster.Messages.Receive("""E{"id":7}""");
        Assert.True(joined.IsEnded);
        Assert.Empty(_traces.Running);
    }

    [Fact]
    public async Task Lines_are_sent_to_the_node_that_has_begun_the_trace_and_those_that_were_not_are_counted()
    {
        Volatile.Write(ref _receivers, -1);
        Trace trace = _traces.Join(7, "lamp", null, s_duration)!;
        trace.Add("one");
        trace.Add("two");
        _sharing.Forward(trace, "a");
        await Until.TrueAsync(() => _sent.Count == 1);
        Volatile.Write(ref _receivers, 1);
        trace.Add("three");
        await Until.TrueAsync(() => _sent.Any(static message => message.Contains("three", StringComparison.Ordinal)));

        string last = _sent.Last();
        Assert.StartsWith("a L", last, StringComparison.Ordinal);
        Assert.Contains("lines_missed", last, StringComparison.Ordinal);
        Assert.Contains("count\\u0022:2", last, StringComparison.Ordinal);
        _traces.End(7);
    }

    [Fact]
    public async Task A_trace_ends_when_the_node_that_has_begun_it_is_gone()
    {
        Volatile.Write(ref _receivers, 0);
        Trace trace = _traces.Join(7, "lamp", null, s_duration)!;
        _sharing.Forward(trace, "a");
        trace.Add("one");

        await Until.TrueAsync(() => trace.IsEnded);
        Assert.Empty(_traces.Running);
    }

    [Fact]
    public async Task The_last_line_of_a_joined_trace_is_not_sent()
    {
        Trace trace = _traces.Join(7, "lamp", null, s_duration)!;
        trace.Add("one");
        _traces.End(7);
        _sharing.Forward(trace, "a");

        await Until.TrueAsync(() => !_sent.IsEmpty);
        Assert.Equal(["""a L{"id":7,"node":"","lines":["one"]}"""], _sent);
        Assert.Null(_traces.Find(7));
    }

    [Fact]
    public void A_trace_is_joined_once()
    {
        Assert.NotNull(_traces.Join(7, "lamp", null, s_duration));
        Assert.Null(_traces.Join(7, "lamp", null, s_duration));
        _traces.End(7);
    }
}
