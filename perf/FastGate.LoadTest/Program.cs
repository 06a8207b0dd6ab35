using System.CommandLine;
using FastGate.LoadTest.Commands;

ParseResult parsed = ScenarioCommands.Create(Console.Out, Console.Error).Parse(args);
int status = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? ScenarioRunner.Nothing : status;
