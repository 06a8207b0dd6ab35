using System.CommandLine;
using System.CommandLine.Invocation;
using FastGate.LoadTest.Commands;

ParseResult parsed = ScenarioCommands.Create(Console.Out, Console.Error).Parse(args);
if (parsed.Action is ParseErrorAction refusal)
{
    // The whole help behind it would scroll the reason away.
    refusal.ShowHelp = parsed.Tokens.Count == 0;
}

// Ctrl+C is answered at once with the report of what ran; a large fleet's connections still have to be closed for it.
int status = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
return parsed.Errors.Count > 0 ? ScenarioRunner.Nothing : status;
