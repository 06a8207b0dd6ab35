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

    /// <summary>The last line of a trace that ended by its time or by a request. A stream without it was cut off.</summary>
    private const string TraceEnded = "trace_ended";

    private static readonly TimeSpan s_lastLines = TimeSpan.FromSeconds(2);

    public static GatewayCommand Create(CommandSetup setup)
    {
        GatewayCommand trace = setup.Acts(new GatewayCommand(
            "trace", "Writes every message from and to a device, or of an address, as JSON lines. Ctrl-C ends the trace. Secrets and audio are left out.",
            "devices trace aa:bb:cc:dd:ee:ff --minutes 5", "devices trace --address 192.0.2.7 --output trace.jsonl"));
        var device = new Argument<string?>("device") { Arity = ArgumentArity.ZeroOrOne, Description = "Id of the device, as a MAC address." };
        var address = new Option<string>("--address") { HelpName = "address", Description = "Traces the connections of an address instead." };
        var minutes = new Option<int>("--minutes") { HelpName = "count", DefaultValueFactory = static _ => 5, Description = "The trace ends by itself after so many minutes." };
        var file = new Option<string>("--output") { HelpName = "path", Description = "Writes the lines to a file that only its owner can read." };
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

            // Opened first: a path that cannot be written must not leave a trace behind.
            await using StreamWriter? saved = run.Value(file) is { } path ? PrivateFile.Create(path) : null;

            // From before the request on, so that Ctrl-C always ends the trace that the server has begun.
            using var interrupt = new Interrupt(run.Cancellation);
            JsonElement started = await run.PostAsync("traces", body);
            string trace = JsonText.Plain(started.GetProperty("id"));
            await run.Error.WriteLineAsync($"Trace {trace} runs for {run.Value(minutes)} min. Ctrl-C ends it.");
            return await FollowAsync(run, trace, saved ?? run.Output, interrupt);
        });
    }

    /// <summary>Writes the lines until the trace ends. Ctrl-C ends the trace, whose last lines still come.</summary>
    private static async Task<int> FollowAsync(CommandRun run, string trace, TextWriter output, Interrupt interrupt)
    {
        using var reading = new CancellationTokenSource();
        Task ending = Task.CompletedTask;
        string last = "";
        using (interrupt.Token.UnsafeRegister(
            _ =>
            {
                ending = EndAsync(run, trace);
                reading.CancelAfter(s_lastLines);
            },
            null))
        {
            try
            {
                await foreach (string line in run.Client.LinesAsync(AdminClient.Path("traces", trace), LineFormat, reading.Token))
                {
                    last = line;
                    await output.WriteLineAsync(line);
                    await output.FlushAsync(CancellationToken.None);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or CommandFailedException && interrupt.IsRequested)
            {
                // The last lines did not come.
            }
            catch (IOException)
            {
                await EndAsync(run, trace);
                throw;
            }
        }

        await ending;
        return interrupt.IsRequested ? ExitCode.Interrupted
            : KindOf(last) == TraceEnded ? ExitCode.Success
            : throw new CommandFailedException(ExitCode.Failed, "The server restarts, which ends the trace.");
    }

    private static string? KindOf(string line)
    {
        try
        {
            return JsonText.Text(JsonElement.Parse(line), "kind");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task EndAsync(CommandRun run, string trace)
    {
        try
        {
            await run.Client.ActAsync(HttpMethod.Delete, AdminClient.Path("traces", trace), null, $"{run.RequestId}-end", CancellationToken.None);
        }
        catch (CommandFailedException failed) when (failed.ExitCode != ExitCode.NotFound)
        {
            await run.Error.WriteLineAsync(TerminalText.Safe($"Trace {trace} was not ended and ends by its time: {failed.Message}"));
        }
        catch (CommandFailedException)
        {
            // It ended in the same moment.
        }
    }
}
