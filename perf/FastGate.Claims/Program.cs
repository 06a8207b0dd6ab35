using System.CommandLine;
using FastGate.Claims;

var devices = new Option<int>("--devices") { Description = "Number of devices.", DefaultValueFactory = static _ => 100_000 };
var rounds = new Option<int>("--rounds") { Description = "Number of rounds; the first is the warm-up.", DefaultValueFactory = static _ => 4 };
var rate = new Option<int>("--rate") { Description = "Devices that connect in a second in the paced storm.", DefaultValueFactory = static _ => 17_000 };
var redis = new Option<string?>("--redis") { Description = "host:port of a Redis that runs; otherwise one is started." };

var root = new RootCommand("How fast nodes claim devices in Redis, and how long a device waits for its claim.") { devices, rounds, rate, redis };
root.SetAction(async parsed =>
{
    await using ClaimMeasurement measurement = await ClaimMeasurement.StartAsync(parsed.GetValue(devices), parsed.GetValue(rate), parsed.GetValue(redis));
    await measurement.RunAsync(parsed.GetValue(rounds), Console.Out);
});
return await root.Parse(args).InvokeAsync();
