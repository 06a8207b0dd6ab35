using System.Runtime.InteropServices;
using FastGate.Transport.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Transport.Accept;

/// <summary>How many descriptors the process may have, and what of it is for devices.</summary>
internal static partial class DescriptorLimit
{
    private const int NumberOfFiles = 7;

    /// <summary>
    /// What the server still opens between the moment its limit is made and the moment it serves, most of it assemblies that are loaded
    /// when they are first needed: 95 to 105 were seen, on a machine of two loops.
    /// </summary>
    private const int StillToOpen = 112;

    private const int LoopsOfStillToOpen = 2;

    /// <summary>A loop's epoll, its eventfd, its listener, and what that keeps in reserve.</summary>
    private const int PerLoop = 3 + ReserveDescriptors.Count;

    /// <summary>
    /// The configured number of connections, or what the limit allows with a warning: a setting that cannot be kept would
    /// otherwise be found out by the device that comes one too late.
    /// </summary>
    /// <remarks><paramref name="loops"/> is 0 for the sockets transport.</remarks>
    public static int ClampConnections(int configured, int loops, ILogger logger)
    {
        int ofLoops = Math.Max(0, loops - LoopsOfStillToOpen) * PerLoop;
        int allowed = Math.Max(1, Ceiling() - CountOpen() - StillToOpen - ofLoops);
        if (configured <= allowed)
        {
            return configured;
        }

        logger.ConnectionsClamped(configured, allowed);
        return allowed;
    }

    /// <summary>The first descriptor number that is not for a device: the limit less what everything else may need.</summary>
    public static int Ceiling()
    {
        long limit = Read();
        return (int)(limit - Math.Min(256, limit / 8));
    }

    private static int CountOpen() => OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0;

    private static long Read()
    {
        if (!OperatingSystem.IsLinux() || GetLimit(NumberOfFiles, out Limits limits) != 0)
        {
            return int.MaxValue;
        }

        return (long)Math.Min(limits.Soft, int.MaxValue);
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limits limits);

    private struct Limits
    {
        public nuint Soft;
        public nuint Hard;
    }
}
