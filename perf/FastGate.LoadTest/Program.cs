using System.CommandLine;
using System.CommandLine.Invocation;
using FastGate.LoadTest.Commands;

ParseResult parsed = ScenarioCommands.Create(Console.Out, Console.Error).Parse(args);
if (parsed.Action is ParseErrorAction refusal)
{
    // With the whole help after it, the error would scroll off the screen.
    refusal.ShowHelp = parsed.Tokens.Count == 0;
}

// After Ctrl+C the driver closes its connections and writes the report of what ran.
int status = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
return parsed.Errors.Count > 0 ? ScenarioRunner.NotMeasured : status;
