using System.Collections;
using System.Globalization;
using FastGate.Configuration.Options;

namespace FastGate.Restart;

/// <summary>
/// Starts the process that replaces this one, with the same program, arguments, environment and working directory, and therefore with the same
/// configuration and ports.
/// </summary>
internal static class Successor
{
    private const int Init = 1;

    /// <summary>What a drain and the end of the process may take beyond the options.</summary>
    private static readonly TimeSpan s_drainMargin = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Whether a supervisor restarts this process when it exits: it is process 1 of a container, or the main process of a systemd unit. Its
    /// children end with it, so it must not start a successor.
    /// </summary>
    public static bool IsSupervised =>
        Environment.ProcessId == Init
        || Environment.GetEnvironmentVariable("SYSTEMD_EXEC_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>How long a successor waits, by the drain options of this process; the successor may read others.</summary>
    public static TimeSpan Timeout(DrainOptions drain) => drain.LoadBalancerWait + drain.Deadline + s_drainMargin;

    public static ISuccessor Start(TimeSpan timeout)
    {
        string[] arguments = File.ReadAllText("/proc/self/cmdline").Split('\0', StringSplitOptions.None)[..^1];
        var ticket = new PredecessorTicket(Environment.ProcessId, SuccessorProcess.ReadyDescriptor, timeout);
        var environment = Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Where(entry => (string)entry.Key != PredecessorTicket.Variable)
            .Select(entry => $"{entry.Key}={entry.Value}")
            .Append($"{PredecessorTicket.Variable}={ticket}")
            .ToList();
        return SuccessorProcess.Start(Environment.ProcessPath!, arguments, environment);
    }
}
