using FastGate.CommandLine;
using FastGate.Hosting;
using FastGate.Restart;

TerminalSignals.IgnoreStops();

// After a restart in place the earlier program has checked the arguments. Reading them as commands would make the start a tenth longer for the devices that wait.
return StateTicket.IsGiven ? await GatewayProgram.ServeAsync(args) : await GatewayCommandLine.RunAsync(args);
