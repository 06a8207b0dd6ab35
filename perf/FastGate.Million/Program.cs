using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FastGate.Million;

var devices = new Option<string>("--devices")
{
    Description = "Sizes of the fleets, measured one after the other. Example: --devices 10000,250000",
    DefaultValueFactory = static _ => "10000,100000,1000000",
};
var seconds = new Option<int>("--seconds")
{
    Description = "How long the idle timer thread is measured, for each size. Example: --seconds 10",
    DefaultValueFactory = static _ => 4,
};
var rounds = new Option<int>("--rounds")
{
    Description = "Number of ping sweeps and lookup rounds; the report shows medians. Example: --rounds 9",
    DefaultValueFactory = static _ => 5,
};
var warmUp = new Option<int>("--warm-up")
{
    Description = "Number of small fleets before the first measurement, so that the code is compiled. Bytes need none, times do. Example: --warm-up 10",
    DefaultValueFactory = static _ => 10,
};
var json = new Option<FileInfo?>("--json") { Description = "Writes the ledger to a file too. Example: --json million.json" };
devices.Validators.Add(static given =>
{
    if (!given.GetValueOrDefault<string>().Split(',').All(static size => int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0))
    {
        given.AddError("--devices: whole numbers from 1 on, with commas between.");
    }
});
seconds.Validators.Add(static given => AtLeast(given, 0));
rounds.Validators.Add(static given => AtLeast(given, 1));
warmUp.Validators.Add(static given => AtLeast(given, 0));
var root = new RootCommand("Runs the real device handler with a fleet of in-memory connections and prints the cost per device.")
{
    devices, seconds, rounds, warmUp, json,
};
root.SetAction(parsed =>
{
    var sizes = parsed.GetRequiredValue(devices).Split(',').Select(static size => int.Parse(size, CultureInfo.InvariantCulture)).ToList();
    var results = new List<FleetResult>();
    var report = new LedgerReport(Console.Out);
    report.WriteMachine();
    Fleet.WarmUp(parsed.GetRequiredValue(warmUp));
    foreach (int size in sizes)
    {
        results.Add(Fleet.Measure(size, parsed.GetRequiredValue(rounds), parsed.GetRequiredValue(seconds)));
        report.Write(results[^1]);
    }

    report.WriteVerdict(results);
    if (parsed.GetValue(json) is { } file)
    {
        LedgerReport.WriteJson(results, file);
    }

    return report.Missed ? 1 : 0;
});
return root.Parse(args).Invoke();

static void AtLeast(OptionResult given, int least)
{
    // The parser reports a value that is not a number.
    if (given.Tokens is [var token] && int.TryParse(token.Value, CultureInfo.InvariantCulture, out int number) && number < least)
    {
        given.AddError(string.Create(CultureInfo.InvariantCulture, $"{given.Option.Name}: {least} or more."));
    }
}
