using System.CommandLine;
using System.Text.Json;
using FastGate.CommandLine.Client;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;

namespace FastGate.CommandLine.Commands;

/// <summary>The commands <c>memory export|erase</c>.</summary>
internal static class MemoryCommands
{
    public static Command Create(CommandSetup setup) =>
        new GatewayCommand("memory", "Exports or erases what the server remembers of a device.", "memory export aa:bb:cc:dd:ee:ff") { Export(setup), Erase(setup) };

    private static GatewayCommand Export(CommandSetup setup)
    {
        GatewayCommand export = setup.Reads(new GatewayCommand(
            "export", "Writes the stored turns of a device, oldest first, one JSON line each.", "memory export aa:bb:cc:dd:ee:ff --output turns.jsonl"));
        Argument<string> device = DevicesCommands.Device();
        var file = new Option<string>("--output") { HelpName = "path", Description = "Writes to a file that only its owner can read." };
        export.Arguments.Add(device);
        export.Options.Add(file);
        return export.Runs(setup, async run =>
        {
            await using StreamWriter? saved = run.Value(file) is { } path ? PrivateFile.Create(path) : null;
            TextWriter output = saved ?? run.Output;
            await foreach (IReadOnlyList<JsonElement> page in run.Client.PagesAsync(AdminClient.Path("devices", run.Value(device)!, "memory"), "turns", null, null, run.Cancellation))
            {
                foreach (JsonElement turn in page)
                {
                    await output.WriteLineAsync(JsonText.Write(turn, indented: false));
                }
            }

            return ExitCode.Success;
        });
    }

    private static GatewayCommand Erase(CommandSetup setup)
    {
        GatewayCommand erase = setup.Confirms(new GatewayCommand("erase", "Erases the stored turns and the summary of a device.", "memory erase aa:bb:cc:dd:ee:ff --yes"));
        Argument<string> device = DevicesCommands.Device();
        erase.Arguments.Add(device);
        return erase.Runs(setup, async run =>
        {
            string id = run.Value(device)!;
            run.Confirm($"Erase the memory of {id}?");
            JsonElement answer = await run.DeleteAsync(AdminClient.Path("devices", id, "memory"));
            return run.Done(answer, $"{id}: {JsonText.Number(answer, "erasedTurns")} turns erased");
        });
    }
}
