using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.CommandLine.Client;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;

namespace FastGate.CommandLine.Commands;

/// <summary>The command <c>devices trace</c>: starts a trace, writes its lines and ends it with the command.</summary>
internal static class TraceCommand
{
    private const string LineFormat = "application/x-ndjson";

    public static GatewayCommand Create(CommandSetup setup)
    {
        GatewayCommand trace = setup.Acts(new GatewayCommand(
            "trace", "Writes every message from and to a device, or of an address, as JSON lines. Ctrl-C ends the trace. Secrets and audio are left out.",
            "devices trace aa:bb:cc:dd:ee:ff --minutes 5", "devices trace --address 192.0.2.7 --output trace.jsonl"));
        var device = new Argument<string?>("device") { Arity = ArgumentArity.ZeroOrOne, Description = "Id of the device, as a MAC address." };
        var address = new Option<string>("--address") { HelpName = "address", Description = "Traces the connections of an address instead." };
        var minutes = new Option<int>("--minutes") { HelpName = "count", DefaultValueFactory = static _ => 5, Description = "The trace ends by itself after so many minutes." };
        var file = new Option<string>("--output") { HelpName = "path", Description = "Writes the lines to a file." };
        trace.Arguments.Add(device);
        trace.Options.Add(address);
        trace.Options.Add(minutes);
        trace.Options.Add(file);
        trace.Validators.Add(result =>
        {
            if (result.GetResult(device) is null or { Tokens.Count: 0 } == result.GetResult(address) is null)
            {
                result.AddError("Give a device or --address.");
            }
        });
        return trace.Runs(setup, async run =>
        {
            var body = new JsonObject { ["minutes"] = run.Value(minutes) };
            (string kind, string? target) = run.Value(device) is { } id ? ("device", id) : ("address", run.Value(address));
            body[kind] = target;
            JsonElement started = await run.PostAsync("traces", body);
            string trace = JsonText.Plain(started.GetProperty("id"));
            using var interrupt = new Interrupt(run.Cancellation);
            StreamWriter? saved = run.Value(file) is { } path ? new StreamWriter(path) : null;
            await using (saved)
            {
                return await FollowAsync(run, trace, saved ?? run.Output, interrupt);
            }
        });
    }

    /// <summary>Writes the lines until the trace ends; ends it when the command is interrupted or its output is closed.</summary>
    private static async Task<int> FollowAsync(CommandRun run, string trace, TextWriter output, Interrupt interrupt)
    {
        bool isEnded = false;
        try
        {
            await foreach (string line in run.Client.LinesAsync(AdminClient.Path("traces", trace), LineFormat, interrupt.Token))
            {
                await output.WriteLineAsync(line);
                await output.FlushAsync(CancellationToken.None);
            }

            isEnded = true;
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (interrupt.IsRequested)
        {
            return ExitCode.Interrupted;
        }
        finally
        {
            if (!isEnded)
            {
                await EndAsync(run, trace);
            }
        }
    }

    private static async Task EndAsync(CommandRun run, string trace)
    {
        try
        {
            await run.Client.ActAsync(HttpMethod.Delete, AdminClient.Path("traces", trace), null, $"{run.RequestId}-end", CancellationToken.None);
        }
        catch (CommandFailedException failed)
        {
            await run.Error.WriteLineAsync(TerminalText.Safe($"Trace {trace} was not ended: {failed.Message}"));
        }
    }
}
