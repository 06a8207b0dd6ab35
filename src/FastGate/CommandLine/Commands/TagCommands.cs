using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.CommandLine.Client;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;

namespace FastGate.CommandLine.Commands;

/// <summary>The commands <c>tags show|set</c>.</summary>
internal static class TagCommands
{
    public static Command Create(CommandSetup setup) =>
        new GatewayCommand("tags", "Shows and sets the tags of a device, by which filters select it.", "tags show aa:bb:cc:dd:ee:ff") { Show(setup), Set(setup) };

    private static GatewayCommand Show(CommandSetup setup)
    {
        GatewayCommand show = setup.Reads(new GatewayCommand("show", "Shows the tags of a device, one on a line.", "tags show aa:bb:cc:dd:ee:ff"));
        Argument<string> device = DevicesCommands.Device();
        show.Arguments.Add(device);
        return show.Runs(setup, async run => run.Show(await run.GetAsync(AdminClient.Path("devices", run.Value(device)!)), shown =>
        {
            foreach (JsonElement tag in JsonText.Find(shown, "tags")?.EnumerateArray() ?? [])
            {
                run.Output.WriteLine(TerminalText.Safe(JsonText.Plain(tag)));
            }
        }));
    }

    private static GatewayCommand Set(CommandSetup setup)
    {
        GatewayCommand set = setup.Acts(new GatewayCommand("set", "Replaces the tags of a device; without tags it removes them.", "tags set aa:bb:cc:dd:ee:ff lobby floor-2"));
        Argument<string> device = DevicesCommands.Device();
        var tags = new Argument<string[]>("tag") { Arity = ArgumentArity.ZeroOrMore, Description = "The new tags." };
        set.Arguments.Add(device);
        set.Arguments.Add(tags);
        return set.Runs(setup, async run =>
        {
            string[] given = run.Value(tags) ?? [];
            var body = new JsonObject { ["tags"] = new JsonArray([.. given.Select(static tag => (JsonNode)tag)]) };
            return run.Done(
                await run.PutAsync(AdminClient.Path("devices", run.Value(device)!, "tags"), body),
                $"{run.Value(device)}: {(given.Length == 0 ? "no tags" : string.Join(", ", given))}");
        });
    }
}
