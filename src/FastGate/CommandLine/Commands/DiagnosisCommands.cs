using System.CommandLine;
using System.Net;
using System.Text.Json;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;
using FastGate.Fleet;

namespace FastGate.CommandLine.Commands;

/// <summary>The commands <c>handshakes</c> and <c>explain</c>: why devices do not connect.</summary>
internal static class DiagnosisCommands
{
    private static readonly Column[] s_handshakes =
    [
        new("at", "at", JsonText.Time),
        new("address", "remoteAddress"),
        new("status", "status"),
        new("device", "deviceId"),
        new("error", "error"),
        new("auth", "auth"),
        new("target", "target"),
    ];

    public static Command Handshakes(CommandSetup setup)
    {
        GatewayCommand handshakes = setup.Reads(new GatewayCommand(
            "handshakes", "Lists the last handshakes that failed or needed a fallback, newest first.", "handshakes --limit 50"));
        var limit = new Option<int>("--limit") { HelpName = "count", DefaultValueFactory = static _ => 20, Description = "How many, up to 1000." };
        handshakes.Options.Add(limit);
        return handshakes.Runs(setup, async run => run.ShowItems(await run.GetAsync($"handshakes?limit={run.Value(limit)}"), "handshakes", s_handshakes));
    }

    public static Command Explain(CommandSetup setup)
    {
        GatewayCommand explain = setup.Reads(new GatewayCommand(
            "explain", "Says why a device or an address does not connect or does not stay connected, and what to change.",
            "explain aa:bb:cc:dd:ee:ff", "explain 192.0.2.7 192.0.2.8", "explain 192.0.2.0/24"));
        var targets = new Argument<string[]>("device or address") { Arity = ArgumentArity.OneOrMore, Description = "Ids of devices, IP addresses, or networks such as 192.0.2.0/24." };
        explain.Arguments.Add(targets);
        return explain.Runs(setup, async run =>
        {
            foreach (string text in run.Value(targets)!)
            {
                string kind = IPAddress.TryParse(text, out _) || AddressRange.TryParse(text, out _) ? "address" : "device";
                JsonElement explanation = await run.GetAsync($"explain?{kind}={Uri.EscapeDataString(text)}");
                run.ReportProblems(explanation);
                run.Show(explanation, shown => ExplanationText.Write(run.Output, shown));
            }

            return ExitCode.Success;
        });
    }
}
