using System.CommandLine;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.CommandLine.Client;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;

namespace FastGate.CommandLine.Commands;

/// <summary>The commands <c>ban list|add|remove</c>.</summary>
internal static class BanCommands
{
    private static readonly Column[] s_list =
    [
        new("id", "id"),
        new("device", "device"),
        new("address", "address"),
        new("since", "at", JsonText.Time),
        new("until", "until", JsonText.Time),
        new("reason", "reason"),
    ];

    public static Command Create(CommandSetup setup)
    {
        GatewayCommand ban = setup.Reads(new GatewayCommand("ban", "Refuses devices or addresses, for some time or until the ban is removed. Without a command it lists the bans.", "ban"));
        ban.Runs(setup, ListAsync);
        ban.Add(setup.Reads(new GatewayCommand("list", "Lists the bans.", "ban list --json")).Runs(setup, ListAsync));
        ban.Add(Add(setup));
        ban.Add(Remove(setup));
        return ban;
    }

    private static Task<int> ListAsync(CommandRun run) => run.ShowListAsync("bans", "bans", null, s_list);

    private static GatewayCommand Add(CommandSetup setup)
    {
        GatewayCommand add = setup.Acts(new GatewayCommand(
            "add", "Refuses a device, an address or a network from now on, and disconnects what it names.",
            "ban add aa:bb:cc:dd:ee:ff --minutes 60 --reason stolen", "ban add 198.51.100.0/24"));
        var target = new Argument<string>("device or address") { Description = "Id of a device, an IP address, or a network, as 198.51.100.0/24." };
        var minutes = new Option<int?>("--minutes") { HelpName = "count", Description = "Ends the ban after so many minutes; without it, the ban stays until it is removed." };
        var reason = new Option<string>("--reason") { HelpName = "text", Description = "Why; shown in the list and by explain." };
        add.Arguments.Add(target);
        add.Options.Add(minutes);
        add.Options.Add(reason);
        return add.Runs(setup, async run =>
        {
            string text = run.Value(target)!;
            bool isAddress = IPAddress.TryParse(text, out _) || IPNetwork.TryParse(text, out _);
            var body = new JsonObject { [isAddress ? "address" : "device"] = text };
            if (run.Value(minutes) is { } count)
            {
                body["minutes"] = count;
            }

            if (run.Value(reason) is { } why)
            {
                body["reason"] = why;
            }

            JsonElement answer = await run.PostAsync("bans", body);
            return run.Done(answer, $"{text}: banned, ban {(JsonText.Find(answer, "id") is { } id ? JsonText.Plain(id) : "")}");
        });
    }

    private static GatewayCommand Remove(CommandSetup setup)
    {
        GatewayCommand remove = setup.Acts(new GatewayCommand("remove", "Removes a ban.", "ban remove 17"));
        var id = new Argument<string>("id") { Description = "Id of the ban, from ban list." };
        remove.Arguments.Add(id);
        return remove.Runs(setup, async run => run.Done(await run.DeleteAsync(AdminClient.Path("bans", run.Value(id)!)), $"ban {run.Value(id)}: removed"));
    }
}
