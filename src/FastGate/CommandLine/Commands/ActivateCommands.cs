using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;

namespace FastGate.CommandLine.Commands;

/// <summary>The commands <c>activate list|confirm</c>.</summary>
internal static class ActivateCommands
{
    private static readonly Column[] s_list =
    [
        new("device", "deviceId"),
        new("board", "board"),
        new("address", "address"),
        new("since", "at", JsonText.Time),
        new("until", "until", JsonText.Time),
    ];

    public static Command Create(CommandSetup setup)
    {
        GatewayCommand activate = setup.Reads(new GatewayCommand(
            "activate", "Devices that show or speak a code and get their token when it is confirmed (Auth:Ota=Activate). Without a command it lists them.", "activate"));
        activate.Runs(setup, ListAsync);
        activate.Add(setup.Reads(new GatewayCommand("list", "Lists the devices that wait, without their codes.", "activate list --json")).Runs(setup, ListAsync));
        activate.Add(Confirm(setup));
        return activate;
    }

    private static Task<int> ListAsync(CommandRun run) => run.ShowListAsync("activations", "activations", null, s_list);

    private static GatewayCommand Confirm(CommandSetup setup)
    {
        GatewayCommand confirm = setup.Acts(new GatewayCommand("confirm", "Confirms the code that a device shows or speaks.", "activate confirm 042137"));
        var code = new Argument<string>("code") { Description = "The six digits of the device." };
        confirm.Arguments.Add(code);
        return confirm.Runs(setup, async run =>
        {
            JsonElement answer = await run.PostAsync("activations", new JsonObject { ["code"] = run.Value(code) });
            return run.Done(answer, $"{(JsonText.Find(answer, "deviceId") is { } id ? JsonText.Plain(id) : "")}: activated");
        });
    }
}
