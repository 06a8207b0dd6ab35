using FastGate.Hosting;
using FastGate.Hosting.Commands;

TerminalSignals.IgnoreStops();
return await GatewayCommandLine.RunAsync(args);
