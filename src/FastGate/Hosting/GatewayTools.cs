using FastGate.Tools.Servers;
using FastGate.Tools.Settings;

namespace FastGate.Hosting;

/// <summary>The operator's MCP servers during a restart: their programs are children of this process, and the next program knows nothing of them.</summary>
internal sealed class GatewayTools(McpServers servers, Func<McpConfiguration> configuration)
{
    /// <summary>Ends the programs. The wait has a limit.</summary>
    public Task StopAsync()
    {
        servers.Prepare(McpConfiguration.Empty)();
        return servers.SettleAsync();
    }

    /// <summary>Starts them again.</summary>
    public void Start() => servers.Prepare(configuration())();
}
