using System.Collections;
using System.Globalization;
using FastGate.Configuration.Options;

namespace FastGate.Restart;

/// <summary>
/// The process that takes over: started with the same program, arguments, environment and working directory, so with the same
/// configuration and the same ports.
/// </summary>
internal static class Successor
{
    private const int Init = 1;

    /// <summary>What a drain may take beyond its options, the end of the process included; longer only when it is stuck.</summary>
    private static readonly TimeSpan s_drainMargin = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Someone restarts us when we exit: process 1 of a container, or the main process of a systemd unit, whose children die with it.
    /// A successor of our own would then be one too many.
    /// </summary>
    public static bool IsSupervised =>
        Environment.ProcessId == Init
        || Environment.GetEnvironmentVariable("SYSTEMD_EXEC_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>How long a successor waits for us: by the options our drain goes by, which the file it reads may have changed.</summary>
    public static TimeSpan Timeout(DrainOptions drain) => drain.LoadBalancerWait + drain.Deadline + s_drainMargin;

    public static ISuccessor Start(TimeSpan patience)
    {
        string[] arguments = File.ReadAllText("/proc/self/cmdline").Split('\0', StringSplitOptions.None)[..^1];
        var ticket = new PredecessorTicket(Environment.ProcessId, SuccessorProcess.ReadyDescriptor, patience);
        var environment = Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Where(entry => (string)entry.Key != PredecessorTicket.Variable)
            .Select(entry => $"{entry.Key}={entry.Value}")
            .Append($"{PredecessorTicket.Variable}={ticket}")
            .ToList();
        return SuccessorProcess.Start(Environment.ProcessPath!, arguments, environment);
    }
}
