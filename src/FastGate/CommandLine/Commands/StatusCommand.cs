using System.CommandLine;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;

namespace FastGate.CommandLine.Commands;

/// <summary>The command <c>status</c>.</summary>
internal static class StatusCommand
{
    private static readonly Column[] s_lines =
    [
        new("version", "version"),
        new("started", "startedAt", JsonText.Time),
        new("up for", "uptimeSeconds", JsonText.Seconds),
        new("ready", "ready"),
        new("draining", "draining"),
        new("reasons", "reasons"),
        new("devices listener", "listeners.devices"),
        new("http listener", "listeners.http"),
        new("admin listener", "listeners.admin"),
        new("transport", "listeners.transport"),
        new("node", "cluster.node"),
        new("cluster local only", "cluster.localOnly"),
        new("open connections", "connections.open"),
        new("registered devices", "connections.registered"),
        new("connection limit", "connections.limit"),
        new("failed handshakes", "connections.failedHandshakes"),
        new("turns in progress", "conversation.inFlight"),
        new("restarts", "restart.restarts"),
        new("process", "process.id"),
        new("resident memory", "process.residentBytes", JsonText.Bytes),
        new("managed memory", "process.managedBytes", JsonText.Bytes),
        new("processor time", "process.cpuSeconds", JsonText.Seconds),
    ];

    public static Command Create(CommandSetup setup) =>
        setup.Reads(new GatewayCommand("status", "Shows the state of the server: version, readiness, listeners, connections, memory.", "status", "status --json"))
            .Runs(setup, static async run => run.Show(await run.GetAsync("status"), s_lines));
}
