using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using FastGate.Cluster;
using FastGate.Registry;
using FastGate.Testing.Cluster;
using FastGate.Timers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Claims;

/// <summary>Two nodes in this process and a redis-server of its own: everything that a node does for a claim, without the devices' connections.</summary>
internal sealed class ClaimMeasurement : IAsyncDisposable
{
    private const int Nodes = 2;

    private readonly int _devices;
    private readonly int _rate;

    /// <summary>Null when the engine is not of this process.</summary>
    private readonly RedisServer? _redis;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly GatewayClock _clock = new();
    private readonly ConnectionRegistry<FakeClaimedConnection>[] _registries = new ConnectionRegistry<FakeClaimedConnection>[Nodes];
    private readonly ClusterNode[] _nodes = new ClusterNode[Nodes];

    private ClaimMeasurement(RedisServer? redis, int devices, int rate) => (_redis, _devices, _rate) = (redis, devices, rate);

    /// <param name="devices">Number of devices.</param>
    /// <param name="rate">Of the paced storm.</param>
    /// <param name="engine">Options of a Redis that runs; null starts one.</param>
    public static async Task<ClaimMeasurement> StartAsync(int devices, int rate, string? engine)
    {
        var measurement = new ClaimMeasurement(engine is null ? await RedisServer.StartAsync() : null, devices, rate);
        engine ??= measurement._redis!.Options;
        var settings = new ClusterSettings();
        for (int node = 0; node < Nodes; node++)
        {
            measurement._registries[node] = new ConnectionRegistry<FakeClaimedConnection>(devices, replace: true);
            measurement._nodes[node] = new ClusterNode(
                new RedisEngine(engine, "claims", settings),
                new ClaimedConnections<FakeClaimedConnection>(measurement._registries[node]),
                measurement._clock,
                settings,
                measurement._services.GetRequiredService<IMeterFactory>(),
                NullLogger.Instance,
                TimeProvider.System);
            measurement._nodes[node].Start($"node{node}", 0, static () => new NodeLoad
            {
                Version = "",
                StartedAt = DateTimeOffset.UnixEpoch,
                Draining = false,
                Devices = 0,
                DeviceLimit = 0,
                TurnsInProgress = 0,
                Loops = [],
                ResidentBytes = 0,
            });
            while (measurement._nodes[node].LocalOnly is not null)
            {
                await Task.Delay(10);
            }
        }

        return measurement;
    }

    /// <summary>Every round claims all devices on one node, moves them to the other one, and moves them back at a pace.</summary>
    public async Task RunAsync(int rounds, TextWriter output)
    {
        await output.WriteLineAsync("| round | first claims | moves, with the end of the former connection | Redis' processor | paced, waiting p50 / p99 / max |");
        await output.WriteLineAsync("| --- | --- | --- | --- | --- |");
        for (int round = 0; round < rounds; round++)
        {
            FakeClaimedConnection[] first = Make();
            TimeSpan before = _redis?.ProcessorTime ?? TimeSpan.Zero;
            TimeSpan claimed = await ClaimAsync(0, first, static device => device.Epoch > 0);
            string redis = _redis is null ? "-" : ((_redis.ProcessorTime - before) / claimed).ToString("P0", CultureInfo.InvariantCulture);
            await Task.Delay(20);
            FakeClaimedConnection[] second = Make();
            TimeSpan moved = await ClaimAsync(1, second, static device => device.Epoch > 0, () => first.All(static device => device.Replaced == 1));
            await Task.Delay(20);
            (double p50, double p99, double max) = await PaceAsync(0);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"| {round} | {_devices / claimed.TotalSeconds:N0}/s | {_devices / moved.TotalSeconds:N0}/s | {redis} | {p50:F1} / {p99:F1} / {max:F1} ms |"));
            foreach (ConnectionRegistry<FakeClaimedConnection> registry in _registries)
            {
                foreach (FakeClaimedConnection device in registry)
                {
                    registry.Remove(device);
                    _nodes[Array.IndexOf(_registries, registry)].Directory.Left(device);
                }
            }

            while (await _nodes[0].FindAsync($"02:00:00:00:{(_devices - 1) >> 8:x4}:{(_devices - 1) & 255:x2}") is not null)
            {
                await Task.Delay(50);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ClusterNode node in _nodes)
        {
            await node.StopAsync(leaves: false);
            await node.DisposeAsync();
        }

        await (_redis?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _services.DisposeAsync();
    }

    private FakeClaimedConnection[] Make() =>
        [.. Enumerable.Range(0, _devices).Select(index => new FakeClaimedConnection($"02:00:00:00:{index >> 8:x4}:{index & 255:x2}", _clock.NowMs))];

    private async Task<TimeSpan> ClaimAsync(int node, FakeClaimedConnection[] devices, Func<FakeClaimedConnection, bool> done, Func<bool>? also = null)
    {
        long began = Stopwatch.GetTimestamp();
        foreach (FakeClaimedConnection device in devices)
        {
            Connect(node, device);
        }

        for (int index = 0; index < devices.Length || also?.Invoke() == false;)
        {
            while (index < devices.Length && done(devices[index]))
            {
                index++;
            }

            await Task.Delay(1);
        }

        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Devices connect evenly; a second thread notices when each has its epoch.</summary>
    private async Task<(double P50, double P99, double Max)> PaceAsync(int node)
    {
        FakeClaimedConnection[] devices = Make();
        long[] connected = new long[devices.Length];
        double[] waits = new double[devices.Length];
        int sent = 0;
        var watching = Task.Run(async () =>
        {
            for (int index = 0; index < devices.Length;)
            {
                while (index < Volatile.Read(ref sent) && devices[index].Epoch > 0)
                {
                    waits[index] = Stopwatch.GetElapsedTime(connected[index]).TotalMilliseconds;
                    index++;
                }

                await Task.Delay(1);
            }
        });
        long began = Stopwatch.GetTimestamp();
        while (sent < devices.Length)
        {
            int due = Math.Min(devices.Length, (int)(Stopwatch.GetElapsedTime(began).TotalSeconds * _rate));
            for (int index = sent; index < due; index++)
            {
                connected[index] = Stopwatch.GetTimestamp();
                Connect(node, devices[index]);
                Volatile.Write(ref sent, index + 1);
            }

            await Task.Delay(1);
        }

        await watching;
        Array.Sort(waits);
        return (waits[waits.Length / 2], waits[waits.Length * 99 / 100], waits[^1]);
    }

    private void Connect(int node, FakeClaimedConnection device)
    {
        _registries[node].Register(device, out FakeClaimedConnection? displaced);
        displaced?.OnReplaced();
        _nodes[node].Directory.Registered(device);
    }
}
