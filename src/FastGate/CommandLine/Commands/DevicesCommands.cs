using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.CommandLine.Client;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;

namespace FastGate.CommandLine.Commands;

/// <summary>The commands <c>devices list|show|kick|send|trace</c>.</summary>
internal static class DevicesCommands
{
    private static readonly Column[] s_list =
    [
        new("device", "deviceId"),
        new("address", "remoteAddress"),
        new("phase", "phase"),
        new("connected", "connectedAt", JsonText.Time),
        new("idle", "idleSeconds", JsonText.Seconds),
        new("firmware", "firmware"),
        new("board", "board"),
        new("tags", "tags"),
    ];

    public static Command Create(CommandSetup setup) =>
        new GatewayCommand("devices", "Lists the connected devices, shows one, and acts on them.", "devices list")
        {
            List(setup), Show(setup), Kick(setup), Send(setup), TraceCommand.Create(setup),
        };

    private static GatewayCommand List(CommandSetup setup)
    {
        GatewayCommand list = setup.Reads(new GatewayCommand(
            "list", "Lists the connected devices in the order of their ids, page by page.", "devices list --board esp32-s3-box --min-age 3600", "devices list --json --limit 1000", "devices list --cluster --tag lobby"));
        FilterOptions filter = new FilterOptions().AddTo(list);
        var limit = new Option<int?>("--limit") { HelpName = "count", Description = "Stops after so many devices." };
        var cluster = new Option<bool>("--cluster") { Description = "Devices of all nodes of the cluster." };
        list.Options.Add(limit);
        list.Options.Add(cluster);
        return list.Runs(setup, run =>
        {
            string query = filter.Query(run);
            return run.Value(cluster)
                ? run.ShowListAsync($"devices{query}{(query.Length == 0 ? '?' : '&')}cluster=true", "devices", run.Value(limit), [.. s_list, new Column("node", "node")])
                : run.ShowListAsync($"devices{query}", "devices", run.Value(limit), s_list);
        });
    }

    private static GatewayCommand Show(CommandSetup setup)
    {
        GatewayCommand show = setup.Reads(new GatewayCommand("show", "Shows everything that is known of one device.", "devices show aa:bb:cc:dd:ee:ff"));
        Argument<string> device = Device();
        show.Arguments.Add(device);
        return show.Runs(setup, async run => run.Show(
            await run.GetAsync(AdminClient.Path("devices", run.Value(device)!)), shown => DocumentText.Write(run.Output, shown)));
    }

    private static GatewayCommand Kick(CommandSetup setup)
    {
        GatewayCommand kick = setup.Confirms(new GatewayCommand(
            "kick", "Closes the connection of one device, or of all devices of a filter at a bounded rate. A device may connect again at once; ban refuses it.",
            "devices kick aa:bb:cc:dd:ee:ff --reason \"moved to another server\"", "devices kick --firmware 1.9.2 --rate 50 --yes"));
        Argument<string?> device = OptionalDevice();
        kick.Arguments.Add(device);
        FilterOptions filter = new FilterOptions().AddTo(kick);
        var rate = new Option<int?>("--rate") { HelpName = "count", Description = "Devices a second, with a filter." };
        var reason = new Option<string>("--reason") { HelpName = "text", Description = "Why; the device shows it." };
        Option<bool> all = All();
        kick.Options.Add(rate);
        kick.Options.Add(reason);
        kick.Options.Add(all);
        return kick.Runs(setup, async run =>
        {
            JsonObject body = [];
            if (run.Value(reason) is { } why)
            {
                body["reason"] = why;
            }

            if (OneDevice(run, device, filter, all) is { } one)
            {
                return run.Done(await run.PostAsync(AdminClient.Path("devices", one, "kick"), body), $"{one}: disconnected");
            }

            run.Confirm($"Disconnect {Described(filter.Body(run))}?");
            body["filter"] = filter.Body(run);
            SetRate(body, run.Value(rate));
            JsonElement answer = await run.PostAsync("kick", body);
            return run.Done(answer, $"{JsonText.Number(answer, "matched")} devices are being disconnected");
        });
    }

    private static GatewayCommand Send(CommandSetup setup)
    {
        GatewayCommand send = setup.Confirms(new GatewayCommand(
            "send", "Sends a text to one device, or to all devices of a filter, which speak it or show it.",
            "devices send aa:bb:cc:dd:ee:ff --speak \"The update begins in five minutes.\"", "devices send --tag lobby --system \"Maintenance at 22:00\" --yes"));
        Argument<string?> device = OptionalDevice();
        send.Arguments.Add(device);
        FilterOptions filter = new FilterOptions().AddTo(send);
        var speak = new Option<string>("--speak") { HelpName = "text", Description = "Text that the device says." };
        var system = new Option<string>("--system") { HelpName = "text", Description = "Text that the device shows." };
        var rate = new Option<int?>("--rate") { HelpName = "count", Description = "Devices a second, with a filter." };
        Option<bool> all = All();
        send.Options.Add(rate);
        send.Options.Add(speak);
        send.Options.Add(system);
        send.Options.Add(all);
        send.Validators.Add(result =>
        {
            if (result.GetResult(speak) is null == result.GetResult(system) is null)
            {
                result.AddError("Give one of --speak and --system.");
            }
        });
        return send.Runs(setup, async run =>
        {
            string? spoken = run.Value(speak);
            var body = new JsonObject { ["kind"] = spoken is null ? "system" : "speak", ["text"] = spoken ?? run.Value(system) };
            if (OneDevice(run, device, filter, all) is { } one)
            {
                return run.Done(await run.PostAsync(AdminClient.Path("devices", one, "message"), body), $"{one}: sent");
            }

            run.Confirm($"Send the message to {Described(filter.Body(run))}?");
            body["filter"] = filter.Body(run);
            SetRate(body, run.Value(rate));
            JsonElement answer = await run.PostAsync("message", body);
            return run.Done(answer, $"being sent to {JsonText.Number(answer, "matched")} devices");
        });
    }

    public static Argument<string> Device() => new("device") { Description = "Id of the device, as a MAC address." };

    private static Argument<string?> OptionalDevice() => new("device")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "Id of the device, as a MAC address; without it, the devices of the filter.",
    };

    private static Option<bool> All() => new("--all") { Description = "All devices, where no filter is given." };

    /// <summary>The named device; null for a filter. An act without either is a usage error, because it would reach the whole fleet.</summary>
    private static string? OneDevice(CommandRun run, Argument<string?> device, FilterOptions filter, Option<bool> all)
    {
        bool isFiltered = filter.Body(run).Count > 0;
        return (run.Value(device), isFiltered || run.Value(all)) switch
        {
            ({ } one, false) => one,
            (null, true) => null,
            (null, false) => throw new CommandFailedException(ExitCode.Usage, "Name a device, give a filter, or add --all."),
            _ => throw new CommandFailedException(ExitCode.Usage, "Give a device or a filter, not both."),
        };
    }

    private static void SetRate(JsonObject body, int? rate)
    {
        if (rate is { } perSecond)
        {
            body["rate"] = perSecond;
        }
    }

    public static string Described(JsonObject filter) => filter.Count == 0 ? "all devices"
        : $"all devices with {string.Join(", ", filter.Select(static part => string.Create(CultureInfo.InvariantCulture, $"{part.Key} {part.Value}")))}";
}
