using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.CommandLine.Client;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;

namespace FastGate.CommandLine.Commands;

/// <summary>The command <c>nodes</c>, and the drain of a node.</summary>
internal static class NodeCommands
{
    private const string Route = "nodes";

    private static readonly TimeSpan s_pollEvery = TimeSpan.FromSeconds(1);

    private static readonly Column[] s_columns =
    [
        new("node", "name"),
        new("alive", "alive"),
        new("lease age", "leaseAgeSeconds", JsonText.Seconds),
        new("draining", "load.draining"),
        new("devices", "load.devices"),
        new("limit", "load.deviceLimit"),
        new("turns", "load.turnsInProgress"),
        new("loops", "load.loops"),
        new("memory", "load.residentBytes", JsonText.Bytes),
        new("version", "load.version"),
        new("tags", "load.tags"),
        new("address", "load.url"),
    ];

    public static Command Create(CommandSetup setup) =>
        setup.Reads(new GatewayCommand(
            "nodes", "Lists the nodes of the cluster: lease, devices, turns in progress, and the share of a processor that each event loop uses.", "nodes", "nodes --json"))
            .Runs(setup, static async run => run.ShowItems(await run.GetAsync(Route), "nodes", s_columns));

    public static Option<string> Node() => new("--node") { HelpName = "name", Description = "A node of the cluster, with all of its devices, whichever node is asked." };

    public static async Task<int> DrainAsync(CommandRun run, string node, JsonObject body, bool wait)
    {
        run.Confirm($"Drain all devices of the node {node}?");
        JsonElement started = await run.PostAsync(PathOf(node), body);
        if (!wait)
        {
            return run.Done(started, $"{node}: draining, {JsonText.Number(started, "load.devices")} devices");
        }

        while (true)
        {
            JsonElement page = await run.GetAsync(Route);
            JsonElement of = page.GetProperty("nodes").EnumerateArray().FirstOrDefault(item => JsonText.Text(item, "name") == node);
            if (JsonText.Find(of, "load.draining") is not { ValueKind: JsonValueKind.True })
            {
                throw new CommandFailedException(ExitCode.Failed, "The drain has ended before the devices have left: another operator cancelled it, or the node has no lease any more.");
            }

            if (JsonText.Number(of, "load.devices") == 0)
            {
                return run.Done(of, $"{node}: no device is left");
            }

            await run.Error.WriteLineAsync($"{JsonText.Number(of, "load.devices")} devices remaining");
            await Task.Delay(s_pollEvery, run.Cancellation);
        }
    }

    public static async Task<int> CancelAsync(CommandRun run, string node) =>
        run.Done(await run.DeleteAsync(PathOf(node)), $"{node}: takes devices again");

    private static string PathOf(string node) => AdminClient.Path(Route, node, "drain");
}
