using FastGate.NBomber;
using NBomber.CSharp;
using NBomber.Contracts;

if (!FleetOptions.TryParse(args, out FleetOptions? options, out string error))
{
    Console.Error.WriteLine(error);
    return 2;
}

var devices = new SocketDevices(options);
ScenarioProps scenario = FleetScenarios.Create(options, devices);
var stats = NBomberRunner
    .RegisterScenarios(scenario)
    .WithTestSuite("FastGate")
    .WithTestName(options.Scenario)
    .Run();

// NBomber prints its thresholds; the exit status is ours to set.
return stats.Thresholds.Any(threshold => threshold.IsFailed) ? 1 : 0;
