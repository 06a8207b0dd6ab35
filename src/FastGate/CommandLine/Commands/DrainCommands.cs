using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;

namespace FastGate.CommandLine.Commands;

/// <summary>The commands <c>drain start|status|cancel</c>.</summary>
internal static class DrainCommands
{
    private const string Route = "drain";
    private const string None = "none";
    private const string Draining = "draining";
    private const string Drained = "drained";

    private const int ServiceRestart = 1012;

    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(500);

    private static readonly Column[] s_lines =
    [
        new("state", "state"),
        new("started", "startedAt", JsonText.Time),
        new("devices", "filter"),
        new("rate", "rate"),
        new("closed", "closed"),
        new("in a turn", "waiting"),
        new("remaining", "remaining"),
        new("refused", "refused"),
    ];

    public static Command Create(CommandSetup setup)
    {
        GatewayCommand drain = setup.Reads(new GatewayCommand(
            "drain", "Moves devices away from this server at a bounded rate; new connections get 503 until the drain is cancelled. Without a command it shows the state.", "drain"));
        drain.Runs(setup, StatusAsync);
        drain.Add(Start(setup));
        drain.Add(setup.Reads(new GatewayCommand("status", "Shows how far the drain is.", "drain status --json")).Runs(setup, StatusAsync));
        drain.Add(Cancel(setup));
        return drain;
    }

    private static GatewayCommand Cancel(CommandSetup setup)
    {
        GatewayCommand cancel = setup.Acts(new GatewayCommand("cancel", "Ends the drain; devices may connect again.", "drain cancel", "drain cancel --node gw1:8000"));
        Option<string> node = NodeCommands.Node();
        cancel.Options.Add(node);
        return cancel.Runs(setup, async run => run.Value(node) is { } name
            ? await NodeCommands.CancelAsync(run, name)
            : run.Done(await run.DeleteAsync(Route), "the drain is cancelled"));
    }

    private static async Task<int> StatusAsync(CommandRun run) => run.Show(await run.GetAsync(Route), report => Write(run, report));

    private static void Write(CommandRun run, JsonElement report)
    {
        if (JsonText.Text(report, "state") == None)
        {
            run.Output.WriteLine("no drain is running");
        }
        else
        {
            TextTable.WriteReport(run.Output, s_lines, report);
        }
    }

    private static GatewayCommand Start(CommandSetup setup)
    {
        GatewayCommand start = setup.Confirms(new GatewayCommand(
            "start", "Starts a drain of all devices, or of those of a filter. Ctrl-C during --wait leaves the drain running.",
            "drain start --rate 1000 --wait --yes", "drain start --rate 50 --tag canary --wait --cancel-on-interrupt --yes",
            "drain start --node gw1:8000 --rate 500 --wait --yes"));
        FilterOptions filter = new FilterOptions().AddTo(start);
        var rate = new Option<int?>("--rate") { HelpName = "count", Description = "Devices a second. Default: that of the server." };
        var reconnect = new Option<bool>("--reconnect") { Description = "Closes with 1012, after which the firmware connects again at once, instead of 1001." };
        var wait = new Option<bool>("--wait") { Description = "Waits until no device is left and shows the progress." };
        var cancel = new Option<bool>("--cancel-on-interrupt") { Description = "With --wait: Ctrl-C cancels the drain." };
        Option<string> node = NodeCommands.Node();
        var reboot = new Option<bool?>("--reboot")
        {
            HelpName = "true|false",
            Description = "With --node: restarts the devices, so that they ask OTA for another node. Default: true for a node with Cluster:Url.",
        };
        start.Options.Add(node);
        start.Options.Add(reboot);
        start.Options.Add(rate);
        start.Options.Add(reconnect);
        start.Options.Add(wait);
        start.Options.Add(cancel);
        return start.Runs(setup, async run =>
        {
            JsonObject body = [];
            if (run.Value(rate) is { } perSecond)
            {
                body["rate"] = perSecond;
            }

            if (run.Value(node) is { } name)
            {
                if (filter.Body(run).Count > 0 || run.Value(reconnect) || run.Value(cancel))
                {
                    throw new CommandFailedException(ExitCode.Usage, "--node is without a filter, --reconnect and --cancel-on-interrupt.");
                }

                if (run.Value(reboot) is { } restarts)
                {
                    body["reboot"] = restarts;
                }

                return await NodeCommands.DrainAsync(run, name, body, run.Value(wait));
            }

            if (run.Value(reboot) is not null)
            {
                throw new CommandFailedException(ExitCode.Usage, "--reboot needs --node.");
            }

            run.Confirm($"Drain {DevicesCommands.Described(filter.Body(run))}?");
            body["filter"] = filter.Body(run);
            if (run.Value(reconnect))
            {
                body["close"] = ServiceRestart;
            }

            // From before the request on, Ctrl-C is answered with what it means for the drain.
            using var interrupt = new Interrupt(run.Cancellation);
            JsonElement started = await run.PostAsync(Route, body);
            return run.Value(wait) ? await WaitAsync(run, interrupt, run.Value(cancel)) : run.Show(started, s_lines);
        });
    }

    private static async Task<int> WaitAsync(CommandRun run, Interrupt interrupt, bool cancelOnInterrupt)
    {
        try
        {
            JsonElement state = await run.Client.GetAsync(Route, interrupt.Token);
            while (JsonText.Text(state, "state") == Draining)
            {
                await run.Error.WriteLineAsync($"{JsonText.Number(state, "closed")} devices closed, {JsonText.Number(state, "remaining")} remaining");
                await Task.Delay(s_pollEvery, interrupt.Token);
                state = await run.Client.GetAsync(Route, interrupt.Token);
            }

            run.Show(state, s_lines);
            if (JsonText.Text(state, "state") != Drained)
            {
                throw new CommandFailedException(ExitCode.Failed, "The drain has ended before its devices have left: another operator cancelled it, or the server restarted.");
            }

            await run.Error.WriteLineAsync("New connections are refused until \"FastGate drain cancel\".");
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (interrupt.IsRequested)
        {
            if (!cancelOnInterrupt)
            {
                await run.Error.WriteLineAsync("The drain continues. \"FastGate drain status\" shows it, \"FastGate drain cancel\" ends it.");
                return ExitCode.Interrupted;
            }

            await run.Client.ActAsync(HttpMethod.Delete, Route, null, $"{run.RequestId}-cancel", CancellationToken.None);
            await run.Error.WriteLineAsync("The drain is cancelled.");
            return ExitCode.Interrupted;
        }
    }
}
