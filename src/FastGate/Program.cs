using FastGate.Hosting;

TerminalSignals.IgnoreStops();
return await GatewayCommandLine.RunAsync(args);
