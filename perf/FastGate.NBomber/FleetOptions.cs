using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using FastGate.LoadTest.Commands;

namespace FastGate.NBomber;

/// <summary>The command line: a scenario, then <c>--name value</c>.</summary>
internal sealed record FleetOptions
{
    public const string Usage =
        "FastGate.NBomber hold|ping|converse|audio|churn|storm|takeover|abuse [--target 127.0.0.1:8000] [--devices 100] [--rate 10] [--seconds 30] [--seed 1] [--max-p99-ms 50] [--allow-remote true]";

    public static IReadOnlyList<string> Scenarios { get; } = ["hold", "ping", "converse", "audio", "churn", "storm", "takeover", "abuse"];

    public required string Scenario { get; init; }

    public required IPEndPoint Target { get; init; }

    public required string Host { get; init; }

    public int Devices { get; init; }

    /// <summary>New virtual users a second, for scenarios that inject; the others keep <see cref="Devices"/>.</summary>
    public int Rate { get; init; }

    public TimeSpan Duration { get; init; }

    public int Seed { get; init; }

    public double? MaxP99Ms { get; init; }

    public static bool TryParse(string[] args, [NotNullWhen(true)] out FleetOptions? options, out string error)
    {
        options = null;
        error = Usage;
        if (args.Length % 2 == 0 || !Scenarios.Contains(args[0]))
        {
            return false;
        }

        Dictionary<string, string> given = [];
        for (int i = 1; i < args.Length; i += 2)
        {
            given[args[i]] = args[i + 1];
        }

        bool remote = given.GetValueOrDefault("--allow-remote") == "true";
        if (!TargetParser.TryParse(given.GetValueOrDefault("--target", "127.0.0.1:8000"), remote, out IPEndPoint target, out string host, out _, out error))
        {
            return false;
        }

        int Number(string name, int fallback) => given.TryGetValue(name, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;
        options = new FleetOptions
        {
            Scenario = args[0],
            Target = target,
            Host = host,
            Devices = Number("--devices", 100),
            Rate = Number("--rate", 10),
            Duration = TimeSpan.FromSeconds(Number("--seconds", 30)),
            Seed = Number("--seed", 1),
            MaxP99Ms = given.TryGetValue("--max-p99-ms", out string? most) ? double.Parse(most, CultureInfo.InvariantCulture) : null,
        };
        return true;
    }
}
