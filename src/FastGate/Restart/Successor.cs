using System.Collections;
using System.Globalization;

namespace FastGate.Restart;

/// <summary>
/// The process that takes over: started with the same program, arguments, environment and working directory, so with the same
/// configuration and the same ports.
/// </summary>
internal static class Successor
{
    /// <summary>Tells the successor whose ports it waits for.</summary>
    public const string PredecessorVariable = "FASTGATE_PREDECESSOR";

    private const int Init = 1;

    /// <summary>
    /// Someone restarts us when we exit: process 1 of a container, or the main process of a systemd unit, whose children die with it.
    /// A successor of our own would then be one too many.
    /// </summary>
    public static bool IsSupervised =>
        Environment.ProcessId == Init
        || Environment.GetEnvironmentVariable("SYSTEMD_EXEC_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    public static SpawnResult Start()
    {
        var arguments = File.ReadAllText("/proc/self/cmdline").Split('\0', StringSplitOptions.None)[..^1];
        var environment = Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Where(entry => (string)entry.Key != PredecessorVariable)
            .Select(entry => $"{entry.Key}={entry.Value}")
            .Append($"{PredecessorVariable}={Environment.ProcessId}")
            .ToList();
        return ProcessSpawner.Spawn(Environment.ProcessPath!, arguments, environment);
    }
}
