using FastGate.CommandLine;
using FastGate.Hosting;
using FastGate.Restart;

TerminalSignals.IgnoreStops();

// The program before this one has checked the arguments, and its devices wait: reading them as commands costs a tenth of the start.
return StateTicket.IsGiven ? await GatewayProgram.ServeAsync(args) : await GatewayCommandLine.RunAsync(args);
