using System.CommandLine;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Scenarios;

namespace FastGate.LoadTest.Commands;

/// <summary>The command line: one subcommand per scenario.</summary>
internal static class ScenarioCommands
{
    private const string Program = "dotnet run -c Release --project perf/FastGate.LoadTest --";

    public static RootCommand Create(TextWriter output, TextWriter errors)
    {
        var shared = new SharedOptions();
        var own = new ScenarioOptions();
        var root = new RootCommand($"""
            Simulated devices that behave like the firmware and measure the server.
            Exit status: 0 = all thresholds met, 1 = a threshold missed, 2 = nothing was measured.

            Example: {Program} ping --devices 1000 --rate 2000 --start-server --html run.html
            """);
        void Scenario(string name, string description, string example, Func<LoadSettings, Scenario> create, params Option[] options)
        {
            var command = new Command(name, $"""
                {description}

                Example: {Program} {name} {example}
                """);
            foreach (Option option in options.Concat(shared.All))
            {
                command.Options.Add(option);
            }

            command.SetAction((parsed, stop) => Task.Run(() => ScenarioRunner.Run(parsed, shared, own, create, output, errors, stop), CancellationToken.None));
            root.Subcommands.Add(command);
        }

        Scenario("hold", "Devices connect, say hello and stay: the cost of an idle device.", "--devices 10000 --duration 30s --keepalive 0s --start-server --warm-up 6s --max-bytes-per-device 4000", settings => new HoldScenario(settings), own.KeepAlive);
        Scenario("ping", "Devices send pings: cost and delay of the shortest message. Default rate: each device every 10 s.", "--devices 1000 --rate 2000 --duration 30s --start-server --max-p99-ms 20 --max-lost 0", settings => new PingScenario(settings));
        Scenario("converse", "Users talk, listen and interrupt: speech in 60 ms frames, the text, the answer sentence by sentence. Default rate: each device a turn every 15 s.", "--devices 300 --rate 40 --barge-in 0.2 --duration 30s --start-server --max-p99-ms 500", settings => new ConverseScenario(settings), own.Speech, own.BargeIn);
        Scenario("speak", "Users speak sentences, made by the program espeak-ng, and listen to the answer of a server in parrot mode or with a recogniser. Reports frames that come late, not at all, twice, in the wrong order or outside the answer, and whether the last word comes back. Default rate: each device a turn every 12 s.", "--devices 100 --duration 60s --barge-in 0.1 --start-server --server-option FastGate:Speech:Mode=Parrot --max-p99-ms 650 --max-late-share 0.001", settings => new SpeakScenario(settings), own.SpeechMode, own.BargeIn, own.Noise, own.LateFrame);
        Scenario("audio", "Every device sends audio without a pause to a server started with --FastGate:Devices:Echo=true. Reports the share of 60 ms frames that return late.", "--devices 100 --duration 30s --start-server --server-option FastGate:Devices:Echo=true --max-late-share 0.001", settings => new AudioScenario(settings), own.LateAfter, own.UplinkOnly);
        Scenario("churn", "Devices connect, say hello, ping and disconnect without a close frame. Default rate: 200 cycles a second.", "--devices 500 --rate 1000 --duration 30s --start-server --max-p99-ms 50", settings => new ChurnScenario(settings));
        Scenario("storm", "All devices lose their connection and reconnect at once, as after a restart.", "--devices 5000 --cut-after 2s --duration 15s --start-server --max-p99-ms 5000 --max-lost 0", settings => new StormScenario(settings), own.CutAfter, own.CutByServer, own.Spread, own.Retry);
        Scenario("takeover", "A device connects again with the same id while the old connection is open. The server must serve the new connection and close the old one. Default rate: 50 a second.", "--devices 500 --rate 100 --duration 20s --start-server --max-lost 0", settings => new TakeoverScenario(settings));
        Scenario("abuse", "Slow, silent and hostile peers connect after a third of the time. The delay of the other devices must not increase.", "--devices 500 --hostile 300 --duration 30s --start-server --max-p99-ms 20 --max-lost 0", settings => new AbuseScenario(settings), own.Hostile, own.Retry);
        Scenario("flood", "Devices ping while one of them sends random and cut Opus packets, two seconds on and two seconds off. The delay of the others must not increase. Default rate: each device every second.", "--devices 51 --flood 10000 --duration 30s --start-server --max-p99-ms 20 --max-lost 0", settings => new FloodScenario(settings), own.Flood);
        Scenario("restart", "The server is restarted three times while devices ping, have turns, connect anew or wait. Every message is numbered. Fails when a device is closed, a connect refused, a message lost, doubled or reordered, a session id changed, a turn broken, or when memory or the gap exceed their limits. Needs --start-server.", "--devices 15000 --start-server --restart signal --turn-wait 3s --max-gap-ms 400 --json restart.json", settings => new RestartScenario(settings, settings.Restart), own.Restart, own.Restarts, own.Every, own.Watch, own.Pinging, own.Turning, own.Arrivals, own.TurnWait, own.MaxGapMs, own.MaxGrowthPercent);
        root.Subcommands.Add(FloorCommand.Create(Program, output, errors));
        return root;
    }
}
