using FastGate.Conversation.Tools;
using FastGate.Diagnostics;
using FastGate.Tools.Settings;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;

namespace FastGate.Tools.Servers;

/// <summary>
/// The operator's MCP servers, shared by all devices. Nothing here waits for a server: <see cref="Tools"/> are those that are offered now.
/// </summary>
internal sealed class McpServers : IToolSource, IAsyncDisposable
{
    private static readonly TimeSpan s_stop = TimeSpan.FromSeconds(5);

    private readonly McpMetrics _metrics;
    private readonly ILogger<McpServers> _logger;
    private readonly TimeProvider _time;

    // Protects the list of servers and the order of rebuilds; never held during a wait.
    private readonly Lock _gate = new();
    private readonly List<Task> _stopping = [];
    private List<McpServer> _servers = [];
    private volatile Offer _offer = new([], []);
    private bool _started;

    public McpServers(McpConfiguration configuration, McpMetrics metrics, ILogger<McpServers> logger, TimeProvider time)
    {
        (_metrics, _logger, _time) = (metrics, logger, time);
        _servers = [.. configuration.Servers.Select(Create)];
        LogWarnings(configuration);
        metrics.Observe(() => (_offer.Servers.Count(static server => server.State == McpServerState.Ready), _offer.Servers.Count, _offer.Tools.Count));
        Rebuild();
    }

    public IReadOnlyList<AIFunction> Tools => _offer.Tools;

    /// <summary>Every server with its state, for the admin API.</summary>
    public IReadOnlyList<McpServerReport> Report()
    {
        Rebuild();
        return _offer.Servers;
    }

    /// <summary>Starts the servers in the background. Called after the listeners have opened.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _started = true;
            foreach (McpServer server in _servers)
            {
                server.Start();
            }
        }
    }

    /// <summary>The returned action starts new servers, stops removed ones and replaces changed ones; the others stay connected.</summary>
    public Action Prepare(McpConfiguration next) => () =>
    {
        LogWarnings(next);
        lock (_gate)
        {
            var former = _servers.ToDictionary(static server => server.Settings.Name, StringComparer.OrdinalIgnoreCase);
            List<McpServer> servers = [];
            foreach (McpServerSettings settings in next.Servers)
            {
                if (former.TryGetValue(settings.Name, out McpServer? same) && same.Settings.Equals(settings))
                {
                    servers.Add(same);
                    continue;
                }

                McpServer created = Create(settings);
                servers.Add(created);
                if (_started)
                {
                    created.Start();
                }
            }

            _stopping.RemoveAll(static task => task.IsCompleted);
            foreach (McpServer server in _servers.Except(servers))
            {
                _logger.McpServerStopped(server.Settings.Name);
                _stopping.Add(server.DisposeAsync().AsTask());
            }

            _servers = servers;
        }

        Rebuild();
    };

    /// <summary>Completes when the servers that were removed have ended, or after a limit.</summary>
    public Task SettleAsync()
    {
        lock (_gate)
        {
            return _stopping.Count == 0 ? Task.CompletedTask : Task.WhenAny(Task.WhenAll(_stopping), Task.Delay(s_stop));
        }
    }

    /// <summary>Ends the programs of the servers.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] stopping;
        lock (_gate)
        {
            stopping = [.. _stopping, .. _servers.Select(static server => server.DisposeAsync().AsTask())];
            _servers = [];
        }

        await Task.WhenAny(Task.WhenAll(stopping), Task.Delay(s_stop));
    }

    private McpServer Create(McpServerSettings settings) => new(settings, _metrics, _logger, _time, Rebuild);

    /// <summary>Names depend on all known tools, so that a server that is away for a moment does not rename the tools of another.</summary>
    private void Rebuild()
    {
        lock (_gate)
        {
            // The package is not loaded where no server is configured.
            _offer = _servers.Count == 0 ? new Offer([], []) : Build();
        }
    }

    private Offer Build()
    {
        (McpServer Server, McpClientTool Tool)[] known = [.. _servers.SelectMany(static server => server.Tools.Select(tool => (server, tool)))];
        IReadOnlyList<string> names = ServerToolNames.Of([.. known.Select(static one => (one.Server.Settings.Name, one.Tool.ProtocolTool.Name))]);
        List<AIFunction> tools = [];
        var reports = _servers.ToDictionary(static server => server, static _ => new List<McpToolReport>());
        for (int i = 0; i < known.Length; i++)
        {
            (McpServer server, McpClientTool tool) = known[i];
            if (server.IsReady)
            {
                var offered = new McpTool(server, tool, names[i]);
                tools.Add(offered);
                reports[server].Add(new McpToolReport(offered.Name, tool.ProtocolTool.Name, offered.Description));
            }
        }

        return new Offer(tools, [.. _servers.Select(server => server.Report(reports[server]))]);
    }

    private void LogWarnings(McpConfiguration configuration)
    {
        foreach (string warning in configuration.Warnings)
        {
            _logger.McpConfigurationWarning(warning);
        }
    }

    private sealed record Offer(IReadOnlyList<AIFunction> Tools, IReadOnlyList<McpServerReport> Servers);
}
