using System.Diagnostics.Metrics;
using System.Net;
using FastGate.Cluster;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Registry;
using FastGate.Transport.Loops;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <content>This gateway as a node of a cluster. Without <c>Cluster:Redis</c> none of the types of the room is touched, and no assembly of Redis is loaded.</content>
internal sealed partial class GatewayHost
{
    private static readonly TimeSpan s_outcomeLimit = TimeSpan.FromSeconds(1);
    private static readonly DateTimeOffset s_startedAt = DateTimeOffset.UtcNow;

    /// <summary>Fewer devices are not moved between nodes.</summary>
    private const int LeastSurplus = 20;

    private readonly Lock _loadLock = new();

    // The loops at the load before; under the lock.
    private IReadOnlyList<LoopLoad> _loopsBefore = [];
    private long _loopsBeforeMs;

    private NodeRebalance? _rebalance;
    private Task _rebalancing = Task.CompletedTask;

    /// <summary>Another process continues as this node: its lease must stay.</summary>
    private bool _isContinued;

    private ClusterNode? CreateCluster(IMeterFactory meters, ILoggerFactory logs, TimeProvider time)
    {
        CheckCluster(_options.Cluster);
        return _options.Cluster.Redis is null ? null
            : ClusterNode.Create(_options.Cluster, new ClaimedConnections<DeviceConnection>(_connections.Registry), _clock, meters, logs, time);
    }

    /// <summary>Returns why this node does not drain.</summary>
    private string? BeginNodeDrain(int rate, bool? reboot) => _control.Drain.IsOfAllDevices ? null : _control.Drain.TryStart(new FleetDrainRequest
    {
        Rate = rate,
        ReconnectAtOnce = true,
        Reboot = reboot ?? _options.Cluster.Url is not null,
    });

    /// <summary>Returns why this node does not take devices again.</summary>
    private string? EndNodeDrain()
    {
        if (_control.Drain.IsOfAllDevices)
        {
            _control.Drain.Cancel();
        }

        return Drain.IsDraining ? "the server stops" : null;
    }

    /// <summary>The node that OTA names to a device; null on a node that has no address for devices.</summary>
    private Func<string, Task<string?>>? CreatePlacement() => _cluster is null || _options.Cluster.Url is null ? null
        : deviceId => _cluster.Placement.UrlForAsync(deviceId, _fleet.Tags.Find(deviceId), _connections.Registry.Find(deviceId) is not null);

    private static void CheckCluster(ClusterOptions options)
    {
        try
        {
            if (options.Redis is not null)
            {
                ClusterNode.Check(options);
            }
        }
        catch (ArgumentException exception)
        {
            throw new InvalidConfigurationException([exception.Message]);
        }
    }

    /// <summary>Before anything is opened: a node must not write among keys that it does not understand.</summary>
    private async Task CheckClusterSchemaAsync()
    {
        try
        {
            await (_cluster?.CheckSchemaAsync() ?? Task.CompletedTask);
        }
        catch (ClusterSchemaException exception)
        {
            throw new InvalidConfigurationException([exception.Message]);
        }
    }

    /// <summary>After the device listener is bound, whose port is part of the name.</summary>
    /// <param name="incarnation">Of the program that this one has replaced; 0 for none.</param>
    private void StartCluster(long incarnation)
    {
        if (_cluster is null)
        {
            return;
        }

        string name = _options.Cluster.Node ?? $"{Environment.MachineName}:{((IPEndPoint)_transport.EndPoint).Port}";
        _control.Drain.OnChanged = Drain.OnBegun = _cluster.RenewEarly;
        if (_options.Cluster.RebalanceRate > 0)
        {
            _rebalance = new NodeRebalance(
                new RebalanceRule(LeastSurplus, TimeProvider.System),
                _connections,
                _walk,
                _options.Cluster.RebalanceRate,
                reboots: _options.Cluster.Url is not null,
                _log,
                TimeProvider.System)
            {
                OnChanged = _cluster.RenewEarly,
            };
            _rebalancing = Task.Run(() => _rebalance.RunAsync(_cluster, ReadLoad, _stop.Token));
        }

        _cluster.Start(string.Concat(name.Select(static character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-' or ':' ? character : '-')), incarnation, ReadLoad);
    }

    private async Task StopClusterAsync()
    {
        if (_cluster is not null)
        {
            // The outcomes of commands to devices whose connections have just ended.
            await _control.Commands.BeginQuietAsync(s_outcomeLimit, static () => false);
            await _rebalancing;
            await _cluster.StopAsync(leaves: !_isContinued && !_handedOver.Task.IsCompleted);
            await _cluster.DisposeAsync();
        }
    }

    /// <summary>Called by the loop of the lease, and for the answer of a gateway that knows no other node.</summary>
    private NodeLoad ReadLoad() => new()
    {
        Version = ProcessMetrics.Version,
        StartedAt = s_startedAt,
        Draining = Drain.IsDraining || _control.Drain.IsOfAllDevices,
        Devices = _connections.Registry.Count,
        DeviceLimit = _maxConnections,
        TurnsInProgress = _conversation.Status.InFlight,
        Loops = ReadLoops(),
        ResidentBytes = Environment.WorkingSet,
        Url = _options.Cluster.Url is { } url ? WebAddress.Public(url) : null,
        Tags = _options.Cluster.Tags,
        Rebalancing = _rebalance?.IsActive ?? false,
    };

    /// <summary>Since the reading before.</summary>
    private double[] ReadLoops()
    {
        lock (_loadLock)
        {
            IReadOnlyList<LoopLoad> loops = (_transport as EventLoopTransport)?.Loads() ?? [];
            long now = _clock.NowMs;
            double elapsedMs = Math.Max(1, now - _loopsBeforeMs);
            double[] busy = [.. loops.Select((loop, index) => index < _loopsBefore.Count
                ? Math.Round(Math.Clamp((loop.Processor - _loopsBefore[index].Processor).TotalMilliseconds / elapsedMs, 0, 1), 3)
                : 0)];
            (_loopsBefore, _loopsBeforeMs) = (loops, now);
            return busy;
        }
    }
}
