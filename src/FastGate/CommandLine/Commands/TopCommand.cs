using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FastGate.CommandLine.Client;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;

namespace FastGate.CommandLine.Commands;

/// <summary>The command <c>top</c>: the numbers of the dashboard's overview, once a second.</summary>
internal static class TopCommand
{
    private const string Overview = "overview";

    private static readonly TimeSpan s_retryFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_retryEvery = TimeSpan.FromMilliseconds(500);

    public static Command Create(CommandSetup setup)
    {
        GatewayCommand top = setup.Reads(new GatewayCommand(
            "top", "Shows the numbers of the server once a second: a table on a terminal, a line for each second elsewhere. Ctrl-C ends it.", "top", "top --json --count 10"));
        var count = new Option<int?>("--count") { HelpName = "count", Description = "Ends after so many seconds." };
        top.Options.Add(count);
        return top.Runs(setup, async run =>
        {
            using var interrupt = new Interrupt(run.Cancellation);
            try
            {
                if (run.Json)
                {
                    await WatchAsync(run, run.Value(count) ?? int.MaxValue, overview => run.Output.WriteLine(JsonText.Write(overview, indented: false)), interrupt.Token);
                }
                else
                {
                    await TerminalDisplay.RunAsync(run.Output, display => ShowAsync(run, run.Value(count), display, interrupt.Token));
                }

                return ExitCode.Success;
            }
            catch (OperationCanceledException) when (interrupt.IsRequested)
            {
                return ExitCode.Success;
            }
        });
    }

    /// <summary>A server that restarts ends the events, so the table tries again for some time.</summary>
    private static async Task ShowAsync(CommandRun run, int? count, ILiveDisplay display, CancellationToken cancellation)
    {
        var rows = new OverviewRows();
        int left = count ?? int.MaxValue;
        long lastSeen = 0;
        bool isLost = false;
        while (true)
        {
            try
            {
                await WatchAsync(
                    run,
                    left,
                    overview =>
                    {
                        (left, lastSeen, isLost) = (left - 1, Environment.TickCount64, false);
                        display.Show(Now(), rows.Next(overview));
                    },
                    cancellation);
                return;
            }
            catch (CommandFailedException failed) when (failed.ExitCode == ExitCode.NotReachable && lastSeen > 0 && Environment.TickCount64 - lastSeen < s_retryFor.TotalMilliseconds)
            {
                if (!isLost)
                {
                    isLost = true;
                    display.Show($"{Now()}: no answer, trying again", []);
                }

                await Task.Delay(s_retryEvery, cancellation);
            }
        }
    }

    private static string Now() => DateTime.UtcNow.ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static async Task WatchAsync(CommandRun run, int most, Action<JsonElement> show, CancellationToken cancellation)
    {
        int left = most;
        await foreach (ServerEvent received in run.Client.EventsAsync("events", cancellation))
        {
            if (received.Name != Overview)
            {
                continue;
            }

            show(JsonElement.Parse(received.Data));
            if (--left <= 0)
            {
                return;
            }
        }

        throw new CommandFailedException(ExitCode.NotReachable, "The server ended the events.");
    }
}
