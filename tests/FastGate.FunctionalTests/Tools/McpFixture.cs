using System.Diagnostics.Metrics;
using FastGate.Diagnostics;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Tools.Servers;
using FastGate.Tools.Settings;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FastGate.FunctionalTests.Tools;

/// <summary>MCP servers in this process, with their settings, their log and their calls.</summary>
internal sealed class McpFixture : IAsyncDisposable, ILogger<McpServers>
{
    public static readonly string Script = Path.Combine(RepositoryPaths.Clients, "mcp_server.py");

    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Lock _gate = new();
    private readonly List<string> _log = [];

    public McpFixture(params (string Key, string Value)[] settings)
    {
        Servers = new McpServers(Read(settings), new McpMetrics(_meters.GetRequiredService<IMeterFactory>()), this, TimeProvider.System);
        Servers.Start();
    }

    public McpServers Servers { get; }

    public string Log
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _log);
            }
        }
    }

    /// <summary>Settings of a server on standard input and output.</summary>
    public static (string Key, string Value)[] Stdio(string name, string mode, params (string Key, string Value)[] more) =>
    [
        ($"{name}:Command", ExternalProgram.Python), ($"{name}:Arguments:0", Script), ($"{name}:Arguments:1", mode),
        .. more.Select(setting => ($"{name}:{setting.Key}", setting.Value)),
    ];

    public static McpConfiguration Read(params (string Key, string Value)[] settings)
    {
        var configuration = McpConfiguration.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(static setting => KeyValuePair.Create($"FastGate:Mcp:Servers:{setting.Key}", (string?)setting.Value)))
            .Build().GetSection("FastGate:Mcp"));
        Assert.Empty(configuration.Errors);
        return configuration;
    }

    public McpServerReport Report(string server) => Servers.Report().Single(report => report.Name == server);

    public string[] ToolNames() => [.. Servers.Tools.Select(static tool => tool.Name)];

    public Task<McpServerReport> ReadyAsync(string server, int starts = 1) =>
        UntilAsync(server, report => report.State == McpServerState.Ready && report.Starts >= starts);

    public async Task<McpServerReport> FailedAsync(string server) => await UntilAsync(server, static report => report.LastError is not null);

    public Task<McpServerReport> UntilAsync(string server, Func<McpServerReport, bool> passes) =>
        Eventually.ValueAsync(() => Task.FromResult(Report(server)), passes);

    public async Task<string> CallAsync(string tool, params (string Name, object? Value)[] arguments)
    {
        Dictionary<string, object?> values = arguments.ToDictionary(static argument => argument.Name, static argument => argument.Value);
        return (string)(await Servers.Tools.Single(offered => offered.Name == tool).InvokeAsync(new AIFunctionArguments(values)))!;
    }

    public async Task<string> FailureOfAsync(string tool, int size = 0) =>
        (await Assert.ThrowsAnyAsync<Exception>(() => CallAsync(tool, ("size", size)))).Message;

    public async ValueTask DisposeAsync()
    {
        await Servers.DisposeAsync();
        await _meters.DisposeAsync();
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
        {
            _log.Add(formatter(state, exception));
        }
    }
}
