using FastGate.NBomber;

if (!FleetOptions.TryParse(args, out FleetOptions? options, out string error))
{
    Console.Error.WriteLine(error);
    return 2;
}

var devices = new SocketDevices(options);
ScenarioProps scenario = FleetScenarios.Create(options, devices);
NodeStats stats = NBomberRunner
    .RegisterScenarios(scenario)
    .WithTestSuite("FastGate")
    .WithTestName(options.Scenario)
    .Run();

// NBomber prints its thresholds and does not set the exit status.
return stats.Thresholds.Any(threshold => threshold.IsFailed) ? 1 : 0;
