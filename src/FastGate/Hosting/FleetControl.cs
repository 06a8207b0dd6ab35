using System.Diagnostics.Metrics;
using FastGate.Cluster;
using FastGate.Commands;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Hosting.Adapters;
using FastGate.Webhooks;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>What an operator has of the devices as a whole: commands to them, their drain, and reports of their events.</summary>
internal sealed class FleetControl : IAsyncDisposable
{
    private static readonly TimeSpan s_reportLimit = TimeSpan.FromSeconds(1);

    private readonly ConnectionServices _connections;
    private readonly DeviceWebhooks? _webhooks;

    /// <summary>Before the first device connects.</summary>
    public FleetControl(
        GatewayOptions options, Func<int> databaseOpenings, ConnectionServices connections, ClusterNode? cluster, IMeterFactory meters, ILoggerFactory logs, TimeProvider time)
    {
        _connections = connections;
        string? database = options.Memory.Provider == MemoryProviderKind.None ? null : options.Memory.Path;
        var metrics = new CommandMetrics(meters);
        var devices = new CommandDevices(connections.Registry);
        var local = new DeviceCommands(
            new CommandStore(database, databaseOpenings), devices, options.Commands, metrics, logs.CreateLogger<DeviceCommands>(), time);
        Commands = cluster is null ? local : cluster.CreateCommands(local, devices, options.Commands, metrics, logs.CreateLogger<ClusterCommands>());
        metrics.Observe(() => Commands.Pending, () => Commands.InFlight);
        connections.Sessions.Commands = Commands;
        connections.Sessions.DeviceTools.OnListed = Commands.OnReady;
        _webhooks = DeviceWebhooks.Create(options.Webhooks, meters, logs.CreateLogger<DeviceWebhooks>(), time);
        connections.Webhooks = connections.Sessions.Webhooks = _webhooks;
        Drain = new FleetDrain(connections, time);
    }

    public IDeviceCommands Commands { get; }

    public FleetDrain Drain { get; }

    /// <summary>After the devices of the program before this one are adopted.</summary>
    public void Start() => Commands.Start();

    /// <summary>Before a restart, while turns end: no command is sent any more, answers and reports get some time.</summary>
    public async Task BeginQuietAsync(TimeSpan limit, Func<bool> isStopRequested)
    {
        Task reported = _webhooks?.FlushAsync(s_reportLimit) ?? Task.CompletedTask;
        await Commands.BeginQuietAsync(limit, isStopRequested);
        await reported;
    }

    /// <summary>The program is about to be replaced.</summary>
    public void NoteReplacement()
    {
        _webhooks?.NoteLost();
        if (Drain.Active is { } devices)
        {
            _connections.Log.FleetDrainEndsWithRestart(devices);
        }
    }

    /// <summary>The restart did not happen.</summary>
    public void EndQuiet() => Commands.EndQuiet();

    /// <summary>After the transport: the ends of all connections are reported.</summary>
    public async ValueTask DisposeAsync()
    {
        Drain.Cancel();
        Commands.Dispose();
        if (_webhooks is not null)
        {
            await _webhooks.DisposeAsync();
        }
    }
}
