using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;
using FastGate.CommandLine.Simulation;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.CommandLine.Commands;

/// <summary>The command <c>sim</c>: simulated devices that connect and speak as the firmware does.</summary>
internal static class SimCommand
{
    private static readonly TimeSpan s_showEvery = TimeSpan.FromSeconds(1);

    public static Command Create(CommandSetup setup)
    {
        var sim = new GatewayCommand(
            "sim", "Simulates a fleet of devices against any gateway: OTA request, hello, speech, tools. Exit code 1 when devices failed.",
            "sim --count 100 --rate 20 --duration 60", "sim http://192.0.2.10:8003/xiaozhi/ota/ --count 10 --script talk.txt", "sim ws://192.0.2.10:8000/xiaozhi/v1/ --say \"What time is it?\"");
        var target = new Argument<Uri?>("target")
        {
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = static result =>
            {
                if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" or "ws" or "wss")
                {
                    return address;
                }

                result.AddError($"\"{result.Tokens[0].Value}\" is no address. Write http://host:8003/xiaozhi/ota/ or ws://host:8000/xiaozhi/v1/.");
                return null;
            },
            Description = "OTA address (http), or WebSocket address (ws). Default: OTA of the server that was started in this directory.",
        };
        Option<int> count = Number("--count", 1, 100_000, 1, "Devices.");
        Option<int> rate = Number("--rate", 1, 10_000, 10, "First connects a second.");
        Option<int> seed = Number("--seed", 0, 255, 1, "Part of the device ids: the same seed makes the same devices.");
        Option<int> attempts = Number("--attempts", 1, 100, 3, "Attempts to connect before a device fails.");
        Option<int> retry = Number("--retry-after", 1, 3_600, 10, "Seconds after the first failed attempt; doubles with each further one.");
        var duration = new Option<int?>("--duration") { HelpName = "seconds", Description = "Ends the run after so many seconds. Default: the end of the script, or Ctrl-C." };
        var script = new Option<string>("--script") { HelpName = "path", Description = "File with one step a line: connect, wait 1-5, say \"text\", say file.wav, say tone 1.5, abort, goodbye, repeat 10." };
        var say = new Option<string>("--say") { HelpName = "text", Description = "Instead of a script: each device says this once and leaves." };
        var token = new Option<string>("--device-token-file") { HelpName = "path", Description = "File that contains a device token, for a target that gives none." };
        sim.Arguments.Add(target);
        foreach (Option option in (Option[])[count, rate, seed, attempts, retry, duration, script, say, token, setup.Json])
        {
            sim.Options.Add(option);
        }

        return sim.Runs(setup, async run =>
        {
            IReadOnlyList<SimStep> steps = Steps(run.Value(script), run.Value(say));
            var fleet = new SimFleet(new SimSettings
            {
                Target = run.Value(target) ?? LocalOta(run.Settings),
                Count = run.Value(count),
                Rate = run.Value(rate),
                Seed = run.Value(seed),
                Token = run.Value(token) is { } path ? (await File.ReadAllTextAsync(path)).TrimEnd('\r', '\n') : null,
                Steps = steps,
                Sounds = steps.Where(static step => step.Kind == SimStepKind.SaySound).Distinct().ToDictionary(
                    static step => step, static step => step.Text is { } wav ? SimSound.Wav(wav) : SimSound.Tone(step.From)),
                Attempts = run.Value(attempts),
                RetryAfter = TimeSpan.FromSeconds(run.Value(retry)),
            });
            using var interrupt = new Interrupt(run.Cancellation);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(interrupt.Token);
            if (run.Value(duration) is { } seconds)
            {
                end.CancelAfter(TimeSpan.FromSeconds(seconds));
            }

            await WatchAsync(run, fleet, end.Token);
            return fleet.Counters.Failed > 0 ? ExitCode.Failed : ExitCode.Success;
        });
    }

    private static async Task WatchAsync(CommandRun run, SimFleet fleet, CancellationToken end)
    {
        Task running = fleet.RunAsync(end);
        if (!run.Json)
        {
            await TerminalDisplay.RunAsync(run.Output, async display =>
            {
                while (!running.IsCompleted)
                {
                    display.Show("devices", Rows(fleet.Counters));
                    await Task.WhenAny(running, Task.Delay(s_showEvery, CancellationToken.None));
                }

                display.Show("devices", Rows(fleet.Counters));
            });
        }

        await running;
        if (run.Json)
        {
            var summary = new JsonObject();
            foreach (LiveRow row in Rows(fleet.Counters))
            {
                summary[row.Name] = row.Number is { } number ? (JsonNode)(long)number : row.Value;
            }

            await run.Output.WriteLineAsync(summary.ToJsonString());
        }
    }

    private static LiveRow[] Rows(SimCounters counters)
    {
        (string Name, long Value)[] numbers =
        [
            ("started", counters.Started), ("connected", counters.Open), ("connects", counters.Connects), ("refused", counters.Refused), ("lost", counters.Lost),
            ("turns", counters.Turns), ("replies", counters.Replies), ("frames sent", counters.FramesSent), ("frames received", counters.FramesReceived),
            ("tool calls", counters.ToolCalls), ("finished", counters.Finished), ("failed", counters.Failed),
        ];
        return
        [
            .. numbers.Select(static number => new LiveRow(number.Name, number.Value.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture), number.Value)),
            new LiveRow("last error", TerminalText.Safe(counters.LastError ?? "")),
        ];
    }

    private static IReadOnlyList<SimStep> Steps(string? path, string? say)
    {
        if (path is not null && say is not null)
        {
            throw new CommandFailedException(ExitCode.Usage, "Give --script or --say, not both.");
        }

        if (say is not null)
        {
            return [new SimStep(SimStepKind.Connect), new SimStep(SimStepKind.SayText, say), new SimStep(SimStepKind.Goodbye)];
        }

        return SimScript.Parse(path is null ? SimScript.Default : File.ReadAllText(path), out string? error)
            ?? throw new CommandFailedException(ExitCode.Usage, $"{path}: {error}");
    }

    private static Uri LocalOta(string[] settings)
    {
        IPEndPoint? server = PublishedAddress.Find();
        if (server is null)
        {
            using ConfigurationManager sources = ConfigurationSources.Read(settings);
            using var configuration = new GatewayConfiguration(sources, NullLogger<GatewayConfiguration>.Instance);
            server = ListenAddress.Parse(configuration.Current.Http.Listen);
        }

        return new Uri($"http://{Client.AdminServer.Reachable(server)}/xiaozhi/ota/");
    }

    private static Option<int> Number(string name, int least, int most, int otherwise, string description)
    {
        var option = new Option<int>(name) { HelpName = "count", DefaultValueFactory = _ => otherwise, Description = description };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
            {
                result.AddError($"{name} is a number from {least} to {most}.");
            }
        });
        return option;
    }
}
