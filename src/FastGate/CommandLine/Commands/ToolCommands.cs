using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.CommandLine.Client;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;

namespace FastGate.CommandLine.Commands;

/// <summary>The commands <c>command send|list|show|cancel</c>: commands to devices, which wait for a device that is not connected.</summary>
internal static class ToolCommands
{
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(250);

    private static readonly string[] s_pending = ["queued", "sent"];

    private static readonly Column[] s_list =
    [
        new("id", "id"),
        new("state", "state"),
        new("tool", "tool"),
        new("created", "createdAt", JsonText.Time),
        new("expires", "expiresAt", JsonText.Time),
        new("result", "result"),
        new("reason", "reason"),
    ];

    public static Command Create(CommandSetup setup) =>
        new GatewayCommand("command", "Sends commands to devices. A command for a device that is not connected waits until its next hello or its expiry.", "command list aa:bb:cc:dd:ee:ff")
        {
            Send(setup), List(setup), Show(setup), Cancel(setup),
        };

    private static GatewayCommand Send(CommandSetup setup)
    {
        GatewayCommand send = setup.Acts(new GatewayCommand(
            "send", "Calls a tool of a device, or sends it a raw message.",
            "command send aa:bb:cc:dd:ee:ff self.audio_speaker.set_volume --arguments '{\"volume\":40}' --wait",
            "command send aa:bb:cc:dd:ee:ff --raw '{\"type\":\"system\",\"command\":\"reboot\"}' --ttl 3600"));
        Argument<string> device = DevicesCommands.Device();
        var tool = new Argument<string?>("tool") { Arity = ArgumentArity.ZeroOrOne, Description = "Name of the tool, as the device lists it." };
        Option<JsonObject?> arguments = JsonOption("--arguments", "Arguments of the tool.");
        Option<JsonObject?> raw = JsonOption("--raw", "A message that is sent as it is, instead of a tool.");
        var timeout = new Option<int?>("--timeout") { HelpName = "seconds", Description = "How long the device may take to acknowledge." };
        var ttl = new Option<int?>("--ttl") { HelpName = "seconds", Description = "How long the command waits for a device that is not connected." };
        var wait = new Option<bool>("--wait") { Description = "Waits for the result." };
        send.Arguments.Add(device);
        send.Arguments.Add(tool);
        foreach (Option option in (Option[])[arguments, raw, timeout, ttl, wait])
        {
            send.Options.Add(option);
        }

        send.Validators.Add(result =>
        {
            if (result.GetResult(tool) is null or { Tokens.Count: 0 } == result.GetResult(raw) is null)
            {
                result.AddError("Give a tool or --raw.");
            }
        });
        return send.Runs(setup, async run =>
        {
            JsonObject body = [];
            if (run.Value(raw) is { } message)
            {
                body["raw"] = message;
            }
            else
            {
                body["tool"] = run.Value(tool);
                body["arguments"] = run.Value(arguments) ?? [];
            }

            Set(body, "timeout", run.Value(timeout));
            Set(body, "ttl", run.Value(ttl));
            JsonElement sent = await run.PostAsync(AdminClient.Path("devices", run.Value(device)!, "commands"), body);
            return run.Value(wait) ? await WaitAsync(run, sent) : run.Show(sent, s_list);
        });
    }

    private static GatewayCommand List(CommandSetup setup)
    {
        GatewayCommand list = setup.Reads(new GatewayCommand("list", "Lists the commands to a device.", "command list aa:bb:cc:dd:ee:ff"));
        Argument<string> device = DevicesCommands.Device();
        list.Arguments.Add(device);
        return list.Runs(setup, run => run.ShowListAsync(AdminClient.Path("devices", run.Value(device)!, "commands"), "commands", null, s_list));
    }

    private static GatewayCommand Show(CommandSetup setup)
    {
        GatewayCommand show = setup.Reads(new GatewayCommand("show", "Shows one command and its result.", "command show 4711"));
        Argument<string> id = Id();
        show.Arguments.Add(id);
        return show.Runs(setup, async run => run.Show(await run.GetAsync(AdminClient.Path("commands", run.Value(id)!)), s_list));
    }

    private static GatewayCommand Cancel(CommandSetup setup)
    {
        GatewayCommand cancel = setup.Acts(new GatewayCommand("cancel", "Cancels a command that waits for its device.", "command cancel 4711"));
        Argument<string> id = Id();
        cancel.Arguments.Add(id);
        return cancel.Runs(setup, async run => run.Done(await run.DeleteAsync(AdminClient.Path("commands", run.Value(id)!)), $"command {run.Value(id)}: cancelled"));
    }

    /// <summary>Success only for an acknowledged command, so that a script can depend on it.</summary>
    private static async Task<int> WaitAsync(CommandRun run, JsonElement sent)
    {
        using var interrupt = new Interrupt(run.Cancellation);
        string id = JsonText.Plain(sent.GetProperty("id"));
        try
        {
            JsonElement state = sent;
            while (s_pending.Contains(JsonText.Text(state, "state")))
            {
                await Task.Delay(s_pollEvery, interrupt.Token);
                state = await run.Client.GetAsync(AdminClient.Path("commands", id), interrupt.Token);
            }

            run.Show(state, s_list);
            return JsonText.Text(state, "state") == "acknowledged" ? ExitCode.Success : ExitCode.Failed;
        }
        catch (OperationCanceledException) when (interrupt.IsRequested)
        {
            await run.Error.WriteLineAsync(TerminalText.Safe($"The command remains. \"FastGate command cancel {id}\" cancels it."));
            return ExitCode.Interrupted;
        }
    }

    private static Argument<string> Id() => new("id") { Description = "Id of the command, from command send or command list." };

    private static void Set(JsonObject body, string name, int? value)
    {
        if (value is { } number)
        {
            body[name] = number;
        }
    }

    private static Option<JsonObject?> JsonOption(string name, string description) => new(name)
    {
        HelpName = "json",
        Description = description,
        CustomParser = static result =>
        {
            try
            {
                if (JsonNode.Parse(result.Tokens[0].Value) is JsonObject parsed)
                {
                    return parsed;
                }
            }
            catch (JsonException)
            {
                // Reported below, with every other value that is no object.
            }

            result.AddError($"\"{result.Tokens[0].Value}\" is no JSON object.");
            return null;
        },
    };
}
