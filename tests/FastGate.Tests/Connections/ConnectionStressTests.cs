using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Sessions;
using FastGate.Testing;
using FastGate.Tests.Transport;
using FastGate.Transport;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Connections;

/// <summary>
/// Real connections on two loops with abrupt closes, slow readers, writers on other threads, aborts, replacements and conversations at the same
/// time. Every message must arrive at its own device, and nothing may remain at the end. The environment variable FASTGATE_STRESS_SECONDS sets the
/// duration. Not parallel to other tests, because it counts the descriptors of the process.
/// </summary>
[Collection(nameof(TransportStressTests))]
public sealed class ConnectionStressTests
{
    private const int Clients = 24;
    private const int Writers = 3;
    private const int PostsPerRequest = 4;
    private const int Outbound = 512 * 1024;

    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(
        int.Parse(Environment.GetEnvironmentVariable("FASTGATE_STRESS_SECONDS") ?? "10", CultureInfo.InvariantCulture));

    private static readonly DeviceOptions s_options = new()
    {
        MaxConnections = 10 * Clients,
        Limits = new DeviceLimits { Outbound = Outbound },
        Timeouts = new DeviceTimeouts { Close = TimeSpan.FromMilliseconds(300) },
    };

    private readonly ConcurrentQueue<WeakReference> _served = new();
    private readonly Stopwatch _watch = new();
    private Channel<bool> _postRequests = Channel.CreateUnbounded<bool>();
    private long _lastNumber;

    [Fact]
    public async Task Concurrent_connections_leak_nothing_and_receive_only_their_messages()
    {
        await RunAsync(TimeSpan.Zero);
        int descriptors = OpenDescriptors.Count();
        await RunAsync(s_duration);

        // A socket that the runtime still uses in another thread is closed a moment after its last owner has closed it.
        await Eventually.TrueAsync(() => OpenDescriptors.Count() <= descriptors, "no descriptor remains");
    }

    private async Task RunAsync(TimeSpan duration)
    {
        using var harness = new ConnectionHarness(s_options);
        var settings = new TransportOptions { EventLoops = 2, Linger = s_options.Timeouts.Close };
        await using TransportHarness transport = await TransportHarness.Create(TransportKind.EventLoop, settings).StartAsync(connection =>
        {
            _served.Enqueue(new WeakReference(connection));
            return harness.Handler.OnConnectedAsync(connection);
        });
        Func<ConnectionHarness, TransportHarness, string, Random, Task>[] scenarios = [TalkAsync, DisconnectAsync, ReadSlowlyAsync, AbortOrCloseAsync, ReplaceAsync];
        _postRequests = Channel.CreateUnbounded<bool>();
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(harness, writer))));
        _watch.Restart();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var random = new Random(client);

            // Each scenario at least once.
            for (int round = 0; round < scenarios.Length || _watch.Elapsed < duration; round++)
            {
                await scenarios[(client + round) % scenarios.Length](harness, transport, StressDevice.IdOf(client, round), random);
            }
        })));
        _postRequests.Writer.Complete();
        await writing;
        await AssertNothingRemainsAsync(harness, transport);
        foreach (ConnectionEndReason reason in (ConnectionEndReason[])
            [ConnectionEndReason.PeerClosed, ConnectionEndReason.PeerReset, ConnectionEndReason.SlowReader, ConnectionEndReason.Kicked])
        {
            Assert.True(harness.Metrics.EndedBy(reason) > 0, $"No connection ended by {reason}.");
        }
    }

    private async Task AssertNothingRemainsAsync(ConnectionHarness harness, TransportHarness transport)
    {
        await Eventually.TrueAsync(() => transport.Transport.ConnectionCount == 0 && transport.Count("open") == 0, "no connection remains");
        await Eventually.TrueAsync(() => harness.Metrics.Open == 0 && harness.Registry.Count == 0, "no device remains");
        foreach (EventLoop loop in ((EventLoopTransport)transport.Transport).Loops)
        {
            // The two buffers of the loop may be rented.
            await Eventually.TrueAsync(() => loop is { HandlerCount: 0, Connections.Count: 0, Pool.Rented: >= 0 and <= 2 }, "no handler or buffer remains");
        }

        Assert.Equal(0, transport.Count("faults"));
        Assert.Equal(0, harness.Metrics.EndedBy(ConnectionEndReason.ServerError));

        // A reference from the timer wheel, the registry, a session or a loop would keep a connection alive.
        await Eventually.TrueAsync(
            () =>
            {
                GC.Collect();
                return _served.All(static connection => !connection.IsAlive);
            },
            "no connection remains");
        _served.Clear();
    }

    /// <summary>Posts to connected devices from a thread that is no loop, at the rate at which devices request it.</summary>
    private async Task WriteAsync(ConnectionHarness harness, int writer)
    {
        var random = new Random(-writer);
        await foreach (bool _ in _postRequests.Reader.ReadAllAsync())
        {
            IReadOnlyList<DeviceConnection> connections = harness.Connections();
            for (int i = 0; i < PostsPerRequest && connections.Count > 0; i++)
            {
                DeviceConnection connection = connections[random.Next(connections.Count)];
                connection.Post(Notice(connection.DeviceId, writer, random.Next(2_000)));
            }
        }
    }

    private OutboundMessage Notice(string id, int writer, int padding) =>
        new(OutboundKind.Notice, StressDevice.Notice(id, writer, Interlocked.Increment(ref _lastNumber), padding));

    private async Task TalkAsync(ConnectionHarness harness, TransportHarness transport, string id, Random random)
    {
        using StressDevice device = await StressDevice.ConnectAsync(transport, id);
        for (int i = random.Next(1, 10); i > 0; i--)
        {
            _postRequests.Writer.TryWrite(true);
            await (random.Next(4) == 0 ? device.SayAsync() : device.PingAsync());
        }

        await device.CloseAsync();
    }

    private async Task DisconnectAsync(ConnectionHarness harness, TransportHarness transport, string id, Random random)
    {
        using StressDevice device = await StressDevice.ConnectAsync(transport, id);
        for (int i = random.Next(5); i > 0; i--)
        {
            _postRequests.Writer.TryWrite(true);
            await device.PingAsync();
        }

        // Also during a turn.
        Task talking = random.Next(2) == 0 ? device.SayAsync() : Task.CompletedTask;
        device.Disconnect(reset: random.Next(2) == 0);
        await talking.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    private async Task ReadSlowlyAsync(ConnectionHarness harness, TransportHarness transport, string id, Random random)
    {
        using StressDevice device = await StressDevice.ConnectAsync(transport, id, isSlow: true);
        DeviceConnection connection = Find(harness, id);

        // The device reads nothing. Post until the buffers of the kernel and the outbound queue are full.
        int writer = Writers + random.Next();
        while (connection.EndReason == ConnectionEndReason.None)
        {
            connection.Post(Notice(id, writer, padding: 3_000));
        }

        Assert.Equal(ConnectionEndReason.SlowReader, connection.EndReason);
        await device.DrainOrFailAsync();
    }

    private static async Task AbortOrCloseAsync(ConnectionHarness harness, TransportHarness transport, string id, Random random)
    {
        using StressDevice device = await StressDevice.ConnectAsync(transport, id);
        DeviceConnection connection = Find(harness, id);
        bool isAborted = random.Next(2) == 0;
        int after = random.Next(200);
        var ending = Task.Run(() =>
        {
            Thread.SpinWait(100 * after);
            if (isAborted)
            {
                connection.Abort(ConnectionEndReason.Kicked);
            }
            else
            {
                connection.RequestClose(ConnectionEndReason.Kicked);
            }
        });
        await device.DrainOrFailAsync();
        await ending;
        Assert.Equal(ConnectionEndReason.Kicked, connection.EndReason);
    }

    private static async Task ReplaceAsync(ConnectionHarness harness, TransportHarness transport, string id, Random random)
    {
        using StressDevice former = await StressDevice.ConnectAsync(transport, id);
        DeviceConnection replaced = Find(harness, id);
        using StressDevice device = await StressDevice.ConnectAsync(transport, id);
        await device.PingAsync();
        Assert.NotSame(replaced, Find(harness, id));
        if (random.Next(4) == 0)
        {
            // The replaced device stays until the gateway closes it. After a pause of the machine the close timeout may come before the close frame.
            await former.DrainOrFailAsync();
            Assert.Equal(ConnectionEndReason.Replaced, replaced.EndReason);
        }

        await device.CloseAsync();
    }

    private static DeviceConnection Find(ConnectionHarness harness, string id)
    {
        DeviceConnection? connection = harness.Registry.Find(Encoding.ASCII.GetBytes(id));
        Assert.NotNull(connection);
        return connection;
    }
}
