using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of the operator's MCP servers. The names of servers are the operator's, so their number is bounded.</summary>
internal sealed class McpMetrics
{
    private readonly Counter<long> _calls;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _duration;
    private Func<(int Ready, int Configured, int Tools)> _now = static () => default;

    public McpMetrics(IMeterFactory factory)
    {
        var meter = GatewayMeter.Create(factory);
        meter.CreateObservableGauge("fastgate.mcp.servers", () => _now().Configured, description: "MCP servers that are configured and enabled");
        meter.CreateObservableGauge("fastgate.mcp.servers_ready", () => _now().Ready, description: "MCP servers whose tools are offered");
        meter.CreateObservableGauge("fastgate.mcp.tools", () => _now().Tools, description: "Tools of MCP servers that are offered");
        _calls = meter.CreateCounter<long>("fastgate.mcp.calls", description: "Calls of tools of MCP servers, by server and outcome");
        _failures = meter.CreateCounter<long>("fastgate.mcp.server_failures", description: "Connections to MCP servers that failed or ended, by server");
        _duration = meter.CreateHistogram<double>("fastgate.mcp.call_duration", "s", "Duration of calls of tools of MCP servers");
    }

    public void Observe(Func<(int Ready, int Configured, int Tools)> now) => _now = now;

    public void Called(string server, string outcome, TimeSpan duration)
    {
        _calls.Add(1, new("server", server), new("outcome", outcome));
        _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("server", server));
    }

    public void ServerFailed(string server) => _failures.Add(1, new KeyValuePair<string, object?>("server", server));
}
