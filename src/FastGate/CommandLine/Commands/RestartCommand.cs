using System.Text.Json;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;
using FastGate.Http.Admin;

namespace FastGate.CommandLine.Commands;

/// <summary>The <c>restart</c> command: asks a running gateway to restart in place, and waits for the result.</summary>
internal static class RestartCommand
{
    private const string Route = "restart";

    /// <summary>Beyond the longest wait for turns that can be configured.</summary>
    private static readonly TimeSpan s_result = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(100);

    public static async Task<int> RunAsync(CommandRun run)
    {
        RestartAnswer accepted = (await run.PostAsync(Route)).Deserialize(AdminJson.Default.RestartAnswer)!;
        for (long until = Environment.TickCount64 + (long)s_result.TotalMilliseconds; Environment.TickCount64 < until;)
        {
            await Task.Delay(s_pollEvery, run.Cancellation);
            JsonElement answer;
            try
            {
                answer = await run.GetAsync(Route);
            }
            catch (CommandFailedException failed) when (failed.ExitCode == ExitCode.NotReachable)
            {
                // The connection was closed by the restart.
                continue;
            }

            RestartReport report = answer.Deserialize(AdminJson.Default.RestartReport)!;
            if (report.Refused is { } refused && refused.At >= accepted.At)
            {
                throw new CommandFailedException(ExitCode.Failed, refused.Reason);
            }

            if (report.Restarts > accepted.Restarts)
            {
                return run.Show(answer, _ => run.Output.WriteLine(TerminalText.Safe(
                    $"restarted: {report.Last?.Connections ?? 0} connections kept, {report.Last?.Closed ?? 0} closed, {report.Last?.GapMs ?? 0} ms without service")));
            }
        }

        throw new CommandFailedException(ExitCode.Failed, "the server accepted the restart and has not reported its result");
    }
}
